/** Reads values by the segments of a path. */
import { equalJson, isArray, isObject, type Json, member } from '../../json.ts';
import { PathError } from './path-error.ts';
import { bracketText, type Comparison, type Filter, isDefinite, type Operand, type Segment } from './segment.ts';

/** Each `..` and each list of indexes multiplies what the next part looks at: a short path can be endless work. */
const MAX_PLACES = 5_000_000;

/** One reading of a path, its filters included. */
interface Search {
  /** What `$` is in filters. */
  readonly root: Json;
  /** How many more places may be looked at. */
  left: number;
}

/**
 * @throws PathError when the path is definite and names nothing
 * @throws RangeError when it leads to more than 5,000,000 places
 */
export function readSegments(root: Json, segments: readonly Segment[]): Json {
  return read(root, segments, { root, left: MAX_PLACES });
}

function read(start: Json, segments: readonly Segment[], search: Search): Json {
  return isDefinite(segments) ? readDefinite(start, segments) : readAll(start, segments, search);
}

function look(search: Search, places: number): void {
  search.left -= places;
  if (search.left < 0) throw new RangeError(`a path leads to more than ${MAX_PLACES} places`);
}

function readDefinite(root: Json, segments: readonly Segment[]): Json {
  let value = root;
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] as Segment;
    const next = stepDefinite(value, segment);
    if (next === undefined) throw missing(value, segments, i);
    value = next;
  }
  return value;
}

function stepDefinite(value: Json, segment: Segment): Json | undefined {
  if (segment.kind === 'names') {
    if (!isObject(value)) return undefined;
    return segment.names.length === 1 ? member(value, segment.names[0] as string) : pick(value, segment.names);
  }
  if (segment.kind !== 'indexes' || !isArray(value)) return undefined;
  return value.at(segment.indexes[0] as number);
}

function pick(value: Json, names: readonly string[]): Json {
  const entries = names.flatMap((name) => {
    const found = isObject(value) ? member(value, name) : undefined;
    return found === undefined ? [] : [[name, found] as const];
  });
  return Object.fromEntries(entries);
}

function missing(value: Json, segments: readonly Segment[], i: number): PathError {
  const path = bracketText(segments.slice(0, i + 1));
  const segment = segments[i] as Segment;
  if (segment.kind === 'indexes')
    return new PathError(
      isArray(value) ? `Index out of bounds when evaluating path ${path}` : `No results for path: ${path}`,
    );
  if (i === segments.length - 1 || !isObject(value)) return new PathError(`No results for path: ${path}`);
  return new PathError(`Missing property in path ${path}`);
}

function readAll(start: Json, segments: readonly Segment[], search: Search): Json[] {
  let found: Json[] = [start];
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] as Segment;
    found =
      segment.kind === 'names' && segment.names.length > 1 && i === segments.length - 1
        ? mergedAtEnd(found, segment.names, segments[i - 1]?.kind === 'descent')
        : found.flatMap((value) => matches(value, segment, search));
  }
  return found;
}

/** Several names at the end give an object for each match; below a `..` only of what has all of them. */
function mergedAtEnd(found: readonly Json[], names: readonly string[], whole: boolean): Json[] {
  return found
    .filter((value) => isObject(value) && (!whole || names.every((name) => member(value, name) !== undefined)))
    .map((value) => pick(value, names));
}

function matches(value: Json, segment: Segment, search: Search): readonly Json[] {
  const found = unfiltered(value, segment);
  look(search, found.length + 1);
  return segment.kind === 'filter' ? found.filter((item) => test(segment.filter, item, search)) : found;
}

function unfiltered(value: Json, segment: Segment): readonly Json[] {
  switch (segment.kind) {
    case 'names':
      return isObject(value) ? segment.names.map((name) => member(value, name)).filter((v) => v !== undefined) : [];
    case 'indexes':
      return isArray(value) ? segment.indexes.map((index) => value.at(index)).filter((v) => v !== undefined) : [];
    case 'slice':
      return isArray(value) ? value.slice(segment.from ?? 0, segment.to ?? value.length) : [];
    case 'wildcard':
      return children(value);
    case 'descent':
      return descendants(value);
    case 'filter':
      return isArray(value) ? value : [value];
    default:
      return segment satisfies never;
  }
}

function children(value: Json): readonly Json[] {
  if (isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function descendants(value: Json): Json[] {
  const found: Json[] = [];
  const queue: Json[] = [value];
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
    found.push(item);
    for (const child of children(item).toReversed()) queue.push(child);
  }
  return found;
}

function test(filter: Filter, item: Json, search: Search): boolean {
  switch (filter.kind) {
    case 'or':
      return filter.parts.some((part) => test(part, item, search));
    case 'and':
      return filter.parts.every((part) => test(part, item, search));
    case 'not':
      return !test(filter.part, item, search);
    case 'exists':
      return operandValue(filter.operand, item, search) !== undefined;
    case 'compare': {
      const left = operandValue(filter.left, item, search);
      if (filter.right.kind === 'pattern') return typeof left === 'string' && filter.right.test(left);
      return COMPARISONS[filter.operator](left, operandValue(filter.right, item, search));
    }
    default:
      return filter satisfies never;
  }
}

/** Undefined when a path names nothing. */
function operandValue(operand: Operand, item: Json, search: Search): Json | undefined {
  if (operand.kind === 'literal') return operand.value;
  if (operand.kind === 'pattern') return undefined;
  try {
    return read(operand.from === '@' ? item : search.root, operand.segments, search);
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

type Compare = (a: Json | undefined, b: Json | undefined) => boolean;

const COMPARISONS: Readonly<Record<Comparison, Compare>> = {
  '==': (a, b) => (a === undefined || b === undefined ? a === b : equalJson(a, b)),
  '!=': (a, b) => !(a === undefined || b === undefined ? a === b : equalJson(a, b)),
  '<': (a, b) => order(a, b, (n) => n < 0),
  '<=': (a, b) => order(a, b, (n) => n <= 0),
  '>': (a, b) => order(a, b, (n) => n > 0),
  '>=': (a, b) => order(a, b, (n) => n >= 0),
  in: (a, b) => a !== undefined && isArray(b) && b.some((item) => equalJson(item, a)),
  nin: (a, b) => a !== undefined && isArray(b) && !b.some((item) => equalJson(item, a)),
  '=~': () => false,
};

function order(a: Json | undefined, b: Json | undefined, accepts: (difference: number) => boolean): boolean {
  if (typeof a === 'number' && typeof b === 'number') return accepts(a - b);
  if (typeof a === 'string' && typeof b === 'string') return accepts(a < b ? -1 : a > b ? 1 : 0);
  return false;
}
