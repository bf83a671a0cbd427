/** Where EXPRESS executions are while they run: in memory, without their histories, which nobody can ask for. */
import { createMemoryStore, type MemoryStore } from './memory/store.ts';

export function createExpressStore(): MemoryStore {
  const store = createMemoryStore();
  return {
    ...store,
    create: (commit) => store.create({ ...commit, history: [] }),
    commit: (commit) => store.commit({ ...commit, history: [] }),
  };
}
