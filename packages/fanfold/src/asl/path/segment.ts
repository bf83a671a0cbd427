/** The parts of a JSONPath, as plain data. */
import type { Json } from '../../json.ts';

export type PathRoot =
  | { readonly kind: 'input' }
  | { readonly kind: 'context' }
  | { readonly kind: 'variable'; readonly name: string };

export type Segment =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'wildcard' }
  /** `..`: what follows is looked for in the value and everything below it. */
  | { readonly kind: 'descent' }
  | { readonly kind: 'filter'; readonly filter: Filter };

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'nin' | '=~';

export type Filter =
  | { readonly kind: 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'and'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'exists'; readonly operand: Operand }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Operand; readonly right: Operand };

export type Operand =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'pattern'; readonly test: (text: string) => boolean }
  /** `@` starts at the item under test, `$` at the path's root. */
  | { readonly kind: 'path'; readonly from: '@' | '$'; readonly segments: readonly Segment[] };

/** Jayway merges several names at the end into one object, so that such a path is definite too. */
export function isDefinite(segments: readonly Segment[]): boolean {
  return segments.every(
    (segment, i) =>
      (segment.kind === 'names' && (segment.names.length === 1 || i === segments.length - 1)) ||
      (segment.kind === 'indexes' && segment.indexes.length === 1),
  );
}

export function segmentText(segment: Segment): string {
  switch (segment.kind) {
    case 'names':
      return `[${segment.names.map((name) => `'${name}'`).join(',')}]`;
    case 'indexes':
      return `[${segment.indexes.join(',')}]`;
    case 'slice':
      return `[${segment.from ?? ''}:${segment.to ?? ''}]`;
    case 'wildcard':
      return '[*]';
    case 'descent':
      return '..';
    case 'filter':
      return '[?]';
    default:
      return segment satisfies never;
  }
}

/** The path in Jayway's bracket form: `$['a'][0]`. */
export function bracketText(segments: readonly Segment[]): string {
  return `$${segments.map(segmentText).join('')}`;
}
