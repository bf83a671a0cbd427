/** The XML of an answer in AWS's Query protocol. */
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';

/** The members whose values are maps. */
const MAPS: ReadonlySet<string> = new Set(['Attributes', 'VerificationAttributes']);

/** Member of the JSON protocol -> the element that stands for each of its entries; a map's keys stand under `key`. */
export type FlatElements = Readonly<Record<string, { readonly element: string; readonly key?: 'Name' | 'Key' }>>;

/** @param flat of an API whose lists and maps have no element of their own */
export function xmlOf(object: JsonObject, flat: FlatElements = {}): string {
  return Object.entries(object)
    .map(([name, value]) => {
      const known = Object.hasOwn(flat, name) ? flat[name] : undefined;
      if (known?.key && isObject(value)) return pairsOf(value, known.element, known.key, flat);
      if (known && isArray(value)) return value.map((one) => element(known.element, contentOf(one, flat))).join('');
      return element(name, MAPS.has(name) && isObject(value) ? entriesOf(value) : contentOf(value, flat));
    })
    .join('');
}

export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

function pairsOf(map: JsonObject, name: string, key: string, flat: FlatElements): string {
  return Object.entries(map)
    .map(([one, value]) => element(name, element(key, escapeXml(one)) + element('Value', contentOf(value, flat))))
    .join('');
}

function entriesOf(map: JsonObject): string {
  return Object.entries(map)
    .map(([key, value]) => element('entry', element('key', escapeXml(key)) + element('value', contentOf(value, {}))))
    .join('');
}

function contentOf(value: Json, flat: FlatElements): string {
  if (isArray(value)) return value.map((one) => element('member', contentOf(one, flat))).join('');
  return isObject(value) ? xmlOf(value, flat) : escapeXml(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character);
}
