/** Deadlines that are newly set, held against the clock of the moment, whichever way it was set before. */
import { type Frame, ROOT, wakeAt } from '../../interpreter/frame.ts';
import { LONGEST_PAUSE_SECONDS, TIMEOUT_SECONDS } from '../../testing/machines.fixture.ts';
import { demand } from './broken.fixture.ts';
import type { Ledger, Write } from './ledger.fixture.ts';

/** @returns holds the deadlines that a write sets against the time at which it was asked for; @throws Broken */
export function createDeadlineCheck(ledger: Ledger): (write: Write, now: number) => void {
  /** Those that were set, by execution and frame; they stay where the clock is set back. */
  const known = new Map<string, number | null>();
  return (write, now) => {
    if (!('commit' in write)) return;
    const { execution, frames } = write.commit;
    const { arn } = execution;
    // Of two that start it the second changes nothing.
    const isThere = ledger.executions.has(arn) || known.has(`${arn} ${ROOT}`);
    if (write.kind === 'create' && isThere) return;
    for (const [id, frame] of frames) {
      const key = `${arn} ${id}`;
      if (!known.has(key)) known.set(key, deadlineOf(ledger.executions.get(arn)?.frames.get(id)));
      const until = deadlineOf(frame);
      if (until !== null && until !== known.get(key)) {
        const most = frame?.waiting.kind === 'task' ? TIMEOUT_SECONDS : LONGEST_PAUSE_SECONDS;
        const left = until - now;
        demand(left <= most * 1000, `Time: ${id} of ${arn} waits for ${left} ms, longer than ${most} s`);
      }
      known.set(key, until);
    }
  };
}

function deadlineOf(frame: Frame | null | undefined): number | null {
  return frame ? wakeAt(frame) : null;
}
