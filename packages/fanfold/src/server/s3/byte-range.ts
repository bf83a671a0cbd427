/** The Range header (RFC 9110, 14.2), as S3 takes it: one range of bytes. */

export type ByteRange =
  /** No range, or one that is to be ignored: several at once, or another unit. */
  | { readonly kind: 'whole' }
  /** `end` is inclusive. */
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

export function parseByteRange(header: string | undefined, size: number): ByteRange {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') return part(Math.max(0, size - Number(last)), size - 1, Number(last) > 0);
  if (last !== '' && Number(last) < Number(first)) return { kind: 'whole' };
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return part(Number(first), end, Number(first) < size);
}

function part(start: number, end: number, satisfiable: boolean): ByteRange {
  return satisfiable && end >= start ? { kind: 'part', start, end } : { kind: 'unsatisfiable' };
}
