import { afterEach, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { Store } from '../ports/store.ts';
import type { TaskOutcome } from '../ports/services.ts';
import { Value } from '../interpreter/value.ts';
import { call, createRig, type Medium, type Rig, sequence, STORES } from './driver.fixture.ts';

/** Work that ends when the test says so, in the order of the calls. */
function held() {
  const waiting: (() => void)[] = [];
  const begun: Json[] = [];
  return {
    begun,
    play: (event: Json) => {
      begun.push(event);
      return new Promise<TaskOutcome>((resolve) => {
        waiting.push(() => resolve({ kind: 'succeeded', output: Value.ofJson(event) }));
      });
    },
    /** Ends the oldest. */
    end: () => waiting.shift()?.(),
  };
}

const MANY: Json = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      MaxConcurrency: 100,
      ItemProcessor: { StartAt: 'Work', States: { Work: call('work') } },
      End: true,
    },
  },
};

let medium: Medium;
let store: Store;
let rig: Rig;

function open(work: ReturnType<typeof held>, taskConcurrency: number): void {
  medium = (STORES['memory'] as () => Medium)();
  store = medium.open();
  rig = createRig({ store, functions: { work: work.play }, taskConcurrency, window: 100 });
}

afterEach(async () => {
  await rig.driver.close();
  await store.close();
  medium.remove();
});

it('performs so many tasks at once, and those of a huge Map in turn with those of others', async () => {
  const work = held();
  open(work, 3);
  await rig.put('many', MANY);
  await rig.put('one', sequence({ A: call('work'), B: call('work') }));
  const many = await rig.start(
    'many',
    'many',
    Array.from({ length: 50 }, (_, i) => i),
  );
  await rig.quiet();
  expect(work.begun).toEqual([0, 1, 2]);
  const ones = [await rig.start('one', 'x', 'x'), await rig.start('one', 'y', 'y')];
  await rig.quiet();
  expect(work.begun).toHaveLength(3);
  for (let i = 0; i < 12; i++) {
    work.end();
    await rig.quiet();
  }
  // The 47 others of the Map were there first, and hold nobody up.
  expect(work.begun.slice(3, 6)).toEqual([3, 'x', 'y']);
  expect(work.begun.filter((event) => typeof event === 'string').toSorted()).toEqual(['x', 'x', 'y', 'y']);
  for (let i = 0; i < 60; i++) {
    work.end();
    await rig.quiet();
  }
  for (const arn of [many, ...ones]) expect((await rig.driver.executions.describe(arn)).status).toBe('SUCCEEDED');
  expect(rig.calls).toHaveLength(54);
});

it('never performs the held tasks of an execution that was stopped', async () => {
  const work = held();
  open(work, 1);
  await rig.put('many', MANY);
  await rig.put('one', sequence({ A: call('work') }));
  const many = await rig.start(
    'many',
    'many',
    Array.from({ length: 50 }, (_, i) => i),
  );
  const one = await rig.start('one', 'x', 'x');
  await rig.quiet();
  await rig.driver.executions.stop({ executionArn: many });
  work.end();
  await rig.quiet();
  expect(work.begun).toEqual([0, 'x']);
  work.end();
  await rig.quiet();
  expect((await rig.driver.executions.describe(one)).status).toBe('SUCCEEDED');
  expect(rig.calls).toHaveLength(2);
});

it('starts nothing while the store has no room, and then what waited', async () => {
  const full = Promise.withResolvers<void>();
  const work = held();
  medium = (STORES['memory'] as () => Medium)();
  store = medium.open();
  let wait: Promise<void> | undefined = full.promise;
  const between = (inner: Store): Store =>
    new Proxy(inner, { get: (target, name) => (name === 'hasRoom' ? () => wait : Reflect.get(target, name)) });
  rig = createRig({ store, between, functions: { work: work.play } });
  await rig.put('one', sequence({ A: call('work') }));
  const starting = rig.start('one', 'x', 'x');
  await rig.quiet();
  expect(await rig.driver.executions.list({ limit: 9 })).toEqual({ executions: [] });
  wait = undefined;
  full.resolve();
  await starting;
  await rig.quiet();
  expect(work.begun).toEqual(['x']);
});
