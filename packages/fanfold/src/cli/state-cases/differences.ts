/** Where two JSON values differ, in words. */
import { equalJson, isArray, isObject, type Json } from '../../json.ts';

/** The longest that a value is shown. */
const LONGEST = 200;

/** One line for each smallest part that differs. @param path how the values are called */
export function* differences(expected: Json | undefined, actual: Json | undefined, path: string): Generator<string> {
  if (expected === undefined) yield `${path}: not expected, but it is ${shown(actual)}`;
  else if (actual === undefined) yield `${path}: expected ${shown(expected)}, but it is not there`;
  else if (isArray(expected) && isArray(actual)) yield* inLists(expected, actual, path);
  else if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const inner = /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
      yield* differences(own(expected, key), own(actual, key), inner);
    }
  } else if (!equalJson(expected, actual)) yield `${path}: expected ${shown(expected)}, got ${shown(actual)}`;
}

function* inLists(expected: readonly Json[], actual: readonly Json[], path: string): Generator<string> {
  if (expected.length !== actual.length)
    yield `${path}: expected ${expected.length} items, got ${actual.length}: ${shown(actual)}`;
  else for (const [i, item] of expected.entries()) yield* differences(item, actual[i], `${path}[${i}]`);
}

function own(value: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
}
