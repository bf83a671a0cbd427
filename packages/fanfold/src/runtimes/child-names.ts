/**
 * Names of the children of map runs: UUIDs of which the first 20 digits name the run and the last 12 are the index of the
 * child. So a child is found by its ARN without a list of all ARNs, and children that follow one another stand together in
 * an index.
 */
import { createHash } from 'node:crypto';

const DIGITS = 12;
const INDEX = /^[0-9a-f]{12}$/;

/** A UUID, always the same for one child. */
export function childName(mapRunArn: string, index: number): string {
  return siblingsOf(mapRunArn) + digits(index);
}

/** What the names of all children of a map run begin with. */
export function siblingsOf(mapRunArn: string): string {
  const hex = createHash('sha256').update(mapRunArn).digest('hex');
  return `${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)].join('-')}-`;
}

/** An ARN or a name that ends with the number of a child. */
export interface NumberedArn {
  /** What stands before the number: the same for all children of a run. */
  readonly siblings: string;
  readonly index: number;
}

/** Undefined for one that cannot be that of a child. */
export function numberedArn(arn: string): NumberedArn | undefined {
  const number = arn.slice(-DIGITS);
  return INDEX.test(number) ? { siblings: arn.slice(0, -DIGITS), index: Number.parseInt(number, 16) } : undefined;
}

export function arnOf({ siblings, index }: NumberedArn): string {
  return siblings + digits(index);
}

function digits(index: number): string {
  return index.toString(16).padStart(DIGITS, '0');
}
