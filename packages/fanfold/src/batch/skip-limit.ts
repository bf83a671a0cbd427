/** How many records of a run may be rejected. */
import type { Counts } from './account.ts';
import type { BatchSettings } from './settings.ts';

/** A share such as 0.57 is no exact number: of 10,000 records it is a hair less than 57. */
const HAIR: number = 4 * Number.EPSILON;

/** The limit that the counts exceed, in words. */
export function exceededLimit(
  { read, rejected }: Pick<Counts, 'read' | 'rejected'>,
  { records, percent }: BatchSettings['skipLimit'],
): string | undefined {
  if (records !== undefined && rejected > records) return `at most ${records} may be`;
  if (percent !== undefined && rejected * 100 > percent * read * (1 + HAIR)) return `at most ${percent} % may be`;
  return undefined;
}
