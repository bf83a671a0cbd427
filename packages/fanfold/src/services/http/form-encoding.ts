/** A body as `application/x-www-form-urlencoded`, lists as RequestEncodingOptions.ArrayFormat says. */
import { isArray, isObject, type Json } from '../../json.ts';

export type ArrayFormat = 'INDICES' | 'REPEAT' | 'COMMAS' | 'BRACKETS';

export const ARRAY_FORMATS: readonly ArrayFormat[] = ['INDICES', 'REPEAT', 'COMMAS', 'BRACKETS'];

export function encodeForm(body: Json, format: ArrayFormat): string {
  const pairs: string[] = [];
  const add = (name: string, value: Json): void => {
    if (isArray(value)) addList(name, value);
    else if (isObject(value)) for (const [key, one] of Object.entries(value)) add(`${name}[${key}]`, one);
    else pairs.push(`${encode(name)}=${encode(textOf(value))}`);
  };
  const addList = (name: string, list: readonly Json[]): void => {
    if (format === 'COMMAS') pairs.push(`${encode(name)}=${list.map((one) => encode(textOf(one))).join(',')}`);
    else for (const [i, one] of list.entries()) add(nameOf(name, i, format), one);
  };
  for (const [name, value] of Object.entries(isObject(body) ? body : {})) add(name, value);
  return pairs.join('&');
}

function nameOf(name: string, i: number, format: ArrayFormat): string {
  if (format === 'REPEAT') return name;
  return format === 'BRACKETS' ? `${name}[]` : `${name}[${i}]`;
}

function textOf(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** As forms have it: brackets and commas too are encoded, a space is a plus. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
