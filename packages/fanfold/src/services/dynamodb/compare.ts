/** How attribute values compare: only those of one type do; numbers by their value, texts and bytes byte by byte. */
import type { AttributeValue } from '../../ports/tables.ts';
import { typeOf } from './attribute.ts';
import { numberKey, parseNumber } from './number.ts';

/** Negative, 0 or positive; undefined when they have no order. */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if ('N' in a && 'N' in b) return compareTexts(numberKey(parseNumber(a.N)), numberKey(parseNumber(b.N)));
  if ('S' in a && 'S' in b) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if ('B' in a && 'B' in b) return Buffer.compare(bytesOf(a.B), bytesOf(b.B));
  return undefined;
}

/** Whether they are the same value: sets whatever their order, maps whatever the order of their names. */
export function equalValues(a: AttributeValue, b: AttributeValue): boolean {
  if (typeOf(a) !== typeOf(b)) return false;
  if ('L' in a && 'L' in b)
    return a.L.length === b.L.length && a.L.every((value, i) => equalValues(value, b.L[i] as AttributeValue));
  if ('M' in a && 'M' in b) {
    const names = Object.keys(a.M);
    return (
      names.length === Object.keys(b.M).length &&
      names.every(
        (name) => Object.hasOwn(b.M, name) && equalValues(a.M[name] as AttributeValue, b.M[name] as AttributeValue),
      )
    );
  }
  const elements = elementsOf(a);
  const others = elementsOf(b);
  if (elements && others) {
    const those = new Set(others);
    return elements.length === others.length && elements.every((element) => those.has(element));
  }
  return Object.values(a)[0] === Object.values(b)[0];
}

/** The elements of a set. */
export function elementsOf(value: AttributeValue): readonly string[] | undefined {
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS;
  return 'BS' in value ? value.BS : undefined;
}

export function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
