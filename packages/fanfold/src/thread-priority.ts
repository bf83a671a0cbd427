/** Which of the threads of this process goes first when more of them could run than there are processors. */
import { getPriority, setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';

/** Steps of niceness, which has 19: with one or two the scheduler of Linux still lets a thread that wakes up go first. */
const STEPS = 5;
const NICEST = 19;

/**
 * Puts the thread that calls behind the main one, for good. A thread that is woken by a message does not take the processor from
 * the one that has sent it. On Linux alone: elsewhere a priority is of the process.
 */
export function yieldToMainThread(): void {
  if (isMainThread || process.platform !== 'linux') return;
  try {
    setPriority(0, Math.min(NICEST, getPriority(0) + STEPS));
  } catch {
    // A sandbox that forbids the call: everything goes on as it does elsewhere.
  }
}
