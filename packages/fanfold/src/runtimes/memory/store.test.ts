import { storeSuite } from '../../testing/store.suite.ts';
import { createMemoryStore } from './store.ts';

storeSuite('the store in memory', async () => {
  const store = createMemoryStore();
  return { store, close: () => store.close() };
});
