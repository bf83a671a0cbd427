/**
 * JSONPath as AWS runs it: Jayway's semantics. A definite path gives the value it names, or fails; an indefinite one
 * (wildcards, slices, filters, `..`) gives an array of what it matches, perhaps empty.
 */
import type { Json } from '../../json.ts';
import type { Scope } from '../scope.ts';
import { readSegments } from './evaluate.ts';
import { parsePath } from './parse.ts';
import { PathError } from './path-error.ts';
import { isDefinite, type PathRoot, type Segment } from './segment.ts';

export interface Path {
  /** As it was written. */
  readonly text: string;
  readonly root: PathRoot;
  readonly segments: readonly Segment[];
  readonly definite: boolean;
  /** A definite path of single names and non-negative indexes: what ResultPath and the `*Path` fields take. */
  readonly reference: boolean;
  /** @throws PathError when a definite path names nothing */
  read(scope: Scope): Json;
}

/** @throws SyntaxError saying what is wrong and at which character */
export function compilePath(text: string): Path {
  const { root, segments } = parsePath(text);
  const definite = isDefinite(segments);
  const reference = segments.every(
    (segment) =>
      (segment.kind === 'names' && segment.names.length === 1) ||
      (segment.kind === 'indexes' && segment.indexes.length === 1 && (segment.indexes[0] ?? -1) >= 0),
  );
  const read = (scope: Scope): Json => {
    const start = rootValue(root, scope);
    return segments.length === 0 ? start : readSegments(start, segments);
  };
  return { text, root, segments, definite, reference, read };
}

function rootValue(root: PathRoot, scope: Scope): Json {
  switch (root.kind) {
    case 'input':
      return scope.input;
    case 'context':
      return scope.context();
    case 'variable': {
      const value = scope.variable(root.name);
      if (value === undefined) throw new PathError(`Missing property in path $['${root.name}']`);
      return value;
    }
    default:
      return root satisfies never;
  }
}
