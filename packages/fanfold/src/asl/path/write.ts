/** Puts a value where a reference path says (ResultPath). The rest of the target is shared, not copied. */
import { copyObject, isArray, isObject, type Json, setKey } from '../../json.ts';
import { StatesError } from '../states-error.ts';
import type { Path } from './path.ts';
import type { Segment } from './segment.ts';

/**
 * @returns the target with `value` at `path`; objects that are missing on the way are made
 * @throws StatesError States.ResultPathMatchFailure when something on the way is neither an object nor an array with that index
 */
export function writeAt(target: Json, path: Path, value: Json): Json {
  return write(target, path.segments, 0, value, () => {
    throw new StatesError(
      'States.ResultPathMatchFailure',
      `Unable to apply ReferencePath ${path.text} to input ${JSON.stringify(target)}`,
    );
  });
}

function write(
  target: Json | undefined,
  segments: readonly Segment[],
  i: number,
  value: Json,
  refuse: () => never,
): Json {
  const segment = segments[i];
  if (segment === undefined) return value;
  if (segment.kind === 'names') {
    const name = segment.names[0] as string;
    if (target !== undefined && !isObject(target)) return refuse();
    const copy = target === undefined ? {} : copyObject(target);
    const inner = target !== undefined && Object.hasOwn(target, name) ? target[name] : undefined;
    setKey(copy, name, write(inner, segments, i + 1, value, refuse));
    return copy;
  }
  const index = segment.kind === 'indexes' ? (segment.indexes[0] as number) : -1;
  if (target === undefined || !isArray(target) || index < 0 || index >= target.length) return refuse();
  return target.with(index, write(target[index], segments, i + 1, value, refuse));
}
