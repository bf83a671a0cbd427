/**
 * The worker threads of all functions that share an environment, and who runs where. Threads are started when they are
 * needed, up to the group's size; an invocation goes to the thread with the fewest.
 *
 * Invocations that lose their thread run again and are never failed for it (I3): elsewhere in the group when it was
 * another's fault, alone on a thread of their own when it may have been theirs.
 */
import type { EarlyThread } from '../../early-thread.ts';
import type { Invocation } from './invocation.ts';
import { type EndReason, Thread, type ThreadParams } from './thread.ts';

/** Displaced this often, an invocation gets a thread of its own, so that it ends at last. */
const DISPLACEMENTS_BEFORE_ALONE = 3;

/** For how long all threads have had work when one more is started. Longer than what little files ask of them. */
const AHEAD_MS = 50;

export interface Group {
  run(invocation: Invocation): void;
  /** New invocations go to new threads; the old ones end when their invocations are done. */
  renew(): void;
  /** Ends all threads; what they were running is never settled. */
  close(): Promise<void>;
}

export type GroupParams = Omit<ThreadParams, 'onIdle' | 'onRetire' | 'onEnd'> & {
  /** The most threads for invocations side by side, and as many again for those that run alone. */
  readonly size: number;
  /**
   * A thread beside another one ends when it has had nothing to do for so many milliseconds. One comes ahead of the need
   * where all that are there have worked for a while: what takes long is likely to be followed by more.
   *
   * @defaultValue none ends, and none comes ahead
   */
  readonly spareMs?: number;
  /** The first thread, which was started before. */
  readonly early?: EarlyThread | undefined;
};

export function createGroup(params: GroupParams): Group {
  const { size, spareMs, early } = params;
  let open: Thread[] = [];
  const all = new Set<Thread>();
  const alone = new Set<Thread>();
  const idle = new Map<Thread, NodeJS.Timeout>();
  const waiting: Invocation[] = [];
  let ahead: NodeJS.Timeout | undefined;
  let closed = false;

  const start = (): Thread => {
    const thread = new Thread({ ...params, onIdle, onRetire, onEnd }, early?.take());
    all.add(thread);
    return thread;
  };
  const onIdle = (thread: Thread): void => {
    if (spareMs === undefined || open.length === 1) return;
    idle.get(thread)?.refresh();
    for (const other of open) {
      if (other.load > 0 || idle.has(other)) continue;
      idle.set(other, setTimeout(() => endSpare(other), spareMs).unref());
    }
  };
  const endSpare = (thread: Thread): void => {
    idle.delete(thread);
    if (open.length > 1 && thread.load === 0) thread.retire();
  };
  const onRetire = (thread: Thread): void => {
    open = open.filter((other) => other !== thread);
  };
  const onEnd = (thread: Thread, left: readonly Invocation[], reason: EndReason): void => {
    onRetire(thread);
    all.delete(thread);
    alone.delete(thread);
    if (closed) return;
    for (const invocation of left) rerun(invocation, reason);
    runWaiting();
  };
  const send = (thread: Thread, invocation: Invocation): void => {
    invocation.flight = thread.send(invocation);
  };
  const rerun = (invocation: Invocation, reason: EndReason): void => {
    if (invocation.settled) return;
    if (reason.kind === 'displaced') {
      invocation.displacements++;
      if (invocation.displacements >= DISPLACEMENTS_BEFORE_ALONE) waiting.push(invocation);
      else send(pick(), invocation);
      return;
    }
    invocation.crashes++;
    if (invocation.crashes > 1) invocation.settle({ kind: 'exited', message: reason.message });
    else waiting.push(invocation);
  };
  const runWaiting = (): void => {
    while (alone.size < size) {
      const invocation = waiting.shift();
      if (!invocation) return;
      if (invocation.settled) continue;
      const thread = start();
      alone.add(thread);
      send(thread, invocation);
      thread.retire();
    }
  };
  const grow = (): Thread => {
    const thread = start();
    open.push(thread);
    return thread;
  };
  const pick = (): Thread => {
    let best: Thread | undefined;
    for (const thread of open) if (!best || thread.load < best.load) best = thread;
    const picked = best && (best.load === 0 || open.length >= size) ? best : grow();
    if (spareMs !== undefined && open.length < size) ahead ??= setTimeout(growAhead, AHEAD_MS).unref();
    return picked;
  };
  const growAhead = (): void => {
    ahead = undefined;
    if (!closed && open.length < size && open.every((thread) => thread.load > 0)) grow();
  };

  return {
    run: (invocation) => send(pick(), invocation),
    renew: () => {
      for (const thread of open) thread.retire();
    },
    close: async () => {
      closed = true;
      await Promise.all([...all].map((thread) => thread.terminate()));
    },
  };
}
