/** What more than one part of a batch can be wrong about. */
import type { AnyDefinition } from './any-definition.ts';
import { suffixesOf } from './input/format.ts';
import { PLACES } from './run-place.ts';

export function* wholeNumber(
  at: string,
  value: number | undefined,
  most: number = Number.MAX_SAFE_INTEGER,
): Generator<string> {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1 && value <= most)) return;
  yield `${at} is ${show(value)}. Use a whole number from 1${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}.`;
}

export function* templateProblems(at: string, template: string): Generator<string> {
  if (template === '') yield `${at} is empty. Name a key.`;
  for (const [place] of template.matchAll(/\{[^}]*\}/g))
    if (!PLACES.includes(place)) yield `${at} has the place ${place}; known are ${PLACES.join(', ')}.`;
}

/** A run that writes what starts a run never ends. */
export function* loopProblems(
  at: string,
  bucket: string,
  template: string,
  { source }: AnyDefinition,
): Generator<string> {
  const { prefix = '' } = source;
  if (bucket !== source.bucket) return;
  const fixed = template.split('{', 1)[0] ?? '';
  const mayBegin = template.includes('{')
    ? fixed.startsWith(prefix) || prefix.startsWith(fixed)
    : fixed.startsWith(prefix);
  const mayEnd = template.endsWith('}') || suffixesOf(source).some((suffix) => template.endsWith(suffix));
  if (mayBegin && mayEnd)
    yield `${at} is ${show(template)} in the bucket of the source, where it would start the next run. Write it elsewhere, or give the source a prefix of its own.`;
}

export function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
