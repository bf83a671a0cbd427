/**
 * The numbers that order the writes of a store: 16 upper-case hexadecimal digits, each greater than the last. They also
 * keep up with the clock (milliseconds in the upper 44 bits), so that a number whose transaction a power cut took back
 * is not given to another write: its event may have started an execution already (I5).
 */
import type { Database } from '../../database/database.ts';

const LAST = 'SELECT last FROM sequencers';
const KEEP = 'UPDATE sequencers SET last = ?';

/** The next sequencer, taken within the transaction that is open. */
export function nextSequencer(db: Database, now: number): string {
  const { last } = db.prepare(LAST).get() as { last: string };
  const following = BigInt(`0x${last}`) + 1n;
  const timely = BigInt(Math.max(0, Math.floor(now))) << 20n;
  const next = (following > timely ? following : timely).toString(16).toUpperCase().padStart(16, '0');
  db.prepare(KEEP).run(next);
  return next;
}
