/** The processes of one function: started when they are needed, up to a number, and kept warm for a while. */
import { memoryOfGroups } from '../../processes.ts';
import type { Group } from '../group.ts';
import type { Invocation } from '../invocation.ts';
import { createSandbox, type Sandbox, type SandboxParams } from './sandbox.ts';

export interface ProcessGroupParams extends Omit<SandboxParams, 'onFree' | 'onEnd'> {
  /** The most processes at once. */
  readonly size: number;
  /** MB; what takes more is killed. Undefined is no limit. */
  readonly memoryMb: number | undefined;
}

/** How long a process is kept that nothing is asked of. */
const WARM_MS = 300_000;
const MEMORY_LOOK_MS = 250;

export function createProcessGroup(params: ProcessGroupParams): Group {
  const { size, memoryMb } = params;
  const waiting: Invocation[] = [];
  const all = new Set<Sandbox>();
  /** Free ones, the last used last, and the timers that end them. */
  const free = new Map<Sandbox, NodeJS.Timeout>();
  /** Began before the code changed: ended when they are free. */
  const old = new WeakSet<Sandbox>();
  let watch: NodeJS.Timeout | undefined;
  let closed = false;

  const take = (sandbox: Sandbox): void => {
    clearTimeout(free.get(sandbox));
    free.delete(sandbox);
  };
  const retire = (sandbox: Sandbox): void => {
    take(sandbox);
    void sandbox.end();
  };
  const pump = (): void => {
    while (!closed) {
      while (waiting[0]?.settled) waiting.shift();
      const next = waiting[0];
      if (!next) return;
      const warm = [...free.keys()].at(-1);
      if (!warm && all.size >= size) return;
      const soon = [...all].filter((sandbox) => sandbox.isBetween && !old.has(sandbox)).length;
      if (!warm && waiting.length <= soon) return;
      waiting.shift();
      const sandbox = warm ?? begin();
      take(sandbox);
      sandbox.send(next);
      watchMemory();
    }
  };
  const begin = (): Sandbox => {
    const sandbox: Sandbox = createSandbox({
      ...params,
      onFree: () => {
        take(sandbox);
        if (old.has(sandbox)) return void sandbox.end();
        free.set(sandbox, setTimeout(() => retire(sandbox), WARM_MS).unref());
        pump();
      },
      onEnd: () => {
        all.delete(sandbox);
        take(sandbox);
        pump();
      },
    });
    all.add(sandbox);
    return sandbox;
  };
  const watchMemory = (): void => {
    if (memoryMb === undefined || watch || closed) return;
    watch = setTimeout(() => void lookAtMemory(memoryMb), MEMORY_LOOK_MS).unref();
  };
  const lookAtMemory = async (limit: number): Promise<void> => {
    const busy = [...all].filter(({ current, pid }) => current && pid !== undefined);
    const used = await memoryOfGroups(new Set(busy.map(({ pid = 0 }) => pid)));
    for (const sandbox of busy) if ((used.get(sandbox.pid ?? 0) ?? 0) > limit) sandbox.killForMemory();
    watch = undefined;
    if ([...all].some(({ current }) => current)) watchMemory();
  };

  return {
    run: (invocation) => {
      waiting.push(invocation);
      pump();
    },
    renew: () => {
      for (const sandbox of all) {
        if (free.has(sandbox)) retire(sandbox);
        else old.add(sandbox);
      }
    },
    close: async () => {
      closed = true;
      clearTimeout(watch);
      await Promise.all([...all].map((sandbox) => sandbox.end()));
    },
  };
}
