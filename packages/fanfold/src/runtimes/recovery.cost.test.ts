import { expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { Store } from '../ports/store.ts';
import { call, createRig, MEDIA, sequence, silent } from './driver.fixture.ts';

interface Before {
  readonly running: number;
  readonly finished: number;
  /** States that each execution has behind it. */
  readonly states: number;
}

/** How often recovery calls each method of the store. */
async function callsOfRecovery(makeMedium: (typeof MEDIA)['sqlite'], { running, finished, states }: Before) {
  const medium = makeMedium();
  const before = medium.open();
  const first = createRig({ store: before, functions: { work: silent } });
  const passes = Object.fromEntries(Array.from({ length: states }, (_, i) => [`P${i}`, { Type: 'Pass' } as Json]));
  await first.put('runs', sequence({ ...passes, Work: call('work') }));
  await first.put('ends', sequence({ ...passes, Last: { Type: 'Pass' } }));
  for (let i = 0; i < running; i++) await first.start('runs', `r${i}`);
  for (let i = 0; i < finished; i++) await first.start('ends', `e${i}`);
  await first.quiet();
  await first.driver.close();
  await before.close();

  const store = medium.open();
  const counts: Record<string, number> = {};
  const counted = new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        counts[String(name)] = (counts[String(name)] ?? 0) + 1;
        return Reflect.apply(method, target, args);
      };
    },
  }) as Store;
  const rig = createRig({ store: counted, functions: { work: silent } });
  expect(await rig.driver.recover()).toBe(running);
  await rig.quiet();
  expect(rig.calls).toHaveLength(running);
  await rig.driver.close();
  await store.close();
  medium.remove();
  return counts;
}

it.each(Object.entries(MEDIA))(
  'reads what runs, and nothing else, whatever has ended and however long the histories are (%s)',
  async (_, medium) => {
    const few = await callsOfRecovery(medium, { running: 20, finished: 0, states: 2 });
    expect(few).toMatchObject({ running: 1, load: 20, definition: 1, outbox: 1 });
    expect(few['history'] ?? 0).toBe(0);
    expect(await callsOfRecovery(medium, { running: 20, finished: 60, states: 40 })).toEqual(few);
    const { load, ...more } = await callsOfRecovery(medium, { running: 40, finished: 0, states: 2 });
    expect(load).toBe(40);
    expect(more).toMatchObject({ running: 1, definition: 1, outbox: 1 });
  },
);
