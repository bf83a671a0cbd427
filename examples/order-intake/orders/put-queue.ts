import type { Objects, PutObjectParams } from 'fanfold';

/** Puts objects a few at a time, so that their waits overlap and memory stays bounded. */
export interface PutQueue {
  /** Resolves when the put was begun. @throws what an earlier put failed with */
  put(params: PutObjectParams): Promise<void>;
  /** Resolves when all puts are done. @throws what a put failed with */
  drain(): Promise<void>;
}

export function createPutQueue(objects: Objects, limit: number): PutQueue {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];

  async function run(params: PutObjectParams): Promise<void> {
    try {
      await objects.put(params);
    } catch (error) {
      failures.push(error);
    }
  }

  function check(): void {
    if (failures.length > 0) throw failures[0];
  }

  return {
    async put(params) {
      while (running.size >= limit) await Promise.race(running);
      check();
      const task: Promise<void> = run(params).finally(() => running.delete(task));
      running.add(task);
    },
    async drain() {
      await Promise.all(running);
      check();
    },
  };
}
