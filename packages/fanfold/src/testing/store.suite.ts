/** What every store promises, whatever it is built on. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Execution } from '../interpreter/execution.ts';
import type { Frame } from '../interpreter/frame.ts';
import { Value } from '../interpreter/value.ts';
import type { MapRunResult, MapRunResultRow } from '../ports/map-runs.ts';
import type {
  ActivityRecord,
  ChildOutput,
  Commit,
  ListParams,
  OutboxMessage,
  PruneParams,
  StateMachineRecord,
  Store,
} from '../ports/store.ts';
import { childName } from '../runtimes/child-names.ts';
import { createMemoryStore } from '../runtimes/memory/store.ts';
import {
  aCommit,
  aFrame,
  aMapRun,
  anExecution,
  anOutput,
  aRecord,
  aResult,
  executionArn,
  records,
  streamCommit,
} from './store.fixture.ts';
import { applyTo, drafts, expectStreamAt, inOrder, loaded } from './store.model.ts';
import { readable } from './stored-value.fixture.ts';

export interface OpenStore {
  readonly store: Store;
  /** Closes the store, and opens another on what it left. */
  readonly reopen?: () => Promise<Store>;
  close(): Promise<void>;
}

export function storeSuite(name: string, open: () => Promise<OpenStore>): void {
  describe(name, () => {
    let opened: OpenStore;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    /** The store, opened again where that is possible: what is read then comes from where it was written. */
    const reopened = async (): Promise<Store> => (await opened.reopen?.()) ?? store;

    describe('executions', () => {
      it('creates an execution once', async () => {
        const first = aCommit(anExecution('a', { input: Value.ofText('1') }));
        const second = aCommit(anExecution('a', { input: Value.ofText('2') }), {
          frames: new Map([['0', aFrame('0')]]),
          history: [aRecord(1)],
          outbox: [closedMessage('a', 'k')],
        });
        expect(await Promise.all([store.create(first), store.create(second)])).toEqual([true, false]);
        expect(await store.create(second)).toBe(false);
        store = await reopened();
        expect(await store.create(second)).toBe(false);
        expect(readable(await store.load(executionArn('a')))).toEqual(readable(loaded(first.execution)));
        expect(await store.history({ executionArn: executionArn('a'), limit: 10 })).toEqual([]);
        expect(await store.outbox()).toEqual([]);
      });

      it('knows nothing of an execution that was not created', async () => {
        const arn = executionArn('nobody');
        expect(await store.load(arn)).toBeUndefined();
        expect(await store.describe(arn)).toBeUndefined();
        expect(await store.history({ executionArn: arn, limit: 10 })).toEqual([]);
        await expect(store.commit(aCommit(anExecution('nobody')))).rejects.toThrow(arn);
        expect(await store.create(aCommit(anExecution('nobody')))).toBe(true);
      });

      it('keeps every field of a header', async () => {
        const execution = anExecution('a', {
          type: 'EXPRESS',
          status: 'FAILED',
          stoppedAt: 1_700_000_000_999,
          deadline: 1_700_000_001_000,
          output: Value.ofText('[ 1 ]'),
          error: 'States.TaskFailed',
          cause: 'says "no" \u{1f600}\n',
          lastEventId: 12,
          transitions: 4,
          ready: ['0', '0/1.2'],
          origin: { kind: 'object', trigger: 't', bucket: 'in', key: 'a b/ü.csv', sequencer: '01' },
          stateMachineVersionArn: 'v:1',
          stateMachineAliasArn: 'v:live',
          revisionId: 'r1',
        });
        await store.create(aCommit(anExecution('a')));
        await store.commit(aCommit(execution));
        store = await reopened();
        expect(readable(await store.describe(execution.arn))).toEqual(readable(execution));
      });

      it('loads the frames and outputs last committed, and no others', async () => {
        const execution = anExecution('a');
        const begun = new Map([
          ['0', aFrame('0')],
          ['0/1.0', aFrame('0/1.0')],
          ['0/1.1', aFrame('0/1.1')],
        ]);
        await store.create(aCommit(execution, { frames: begun, outputs: [anOutput('0/1', 1, '"early"')] }));
        const gone = new Map<string, Frame | null>([
          ['0', aFrame('0', { state: 'Fold', attempt: 2 })],
          ['0/1.0', null],
          ['0/9.9', null],
        ]);
        await store.commit(aCommit(execution, { frames: gone, outputs: [anOutput('0/1', 0, '"b"')] }));
        store = await reopened();
        const expected = loaded(
          execution,
          [aFrame('0', { state: 'Fold', attempt: 2 }), aFrame('0/1.1')],
          [anOutput('0/1', 0, '"b"'), anOutput('0/1', 1, '"early"')],
        );
        expect(inOrder(await store.load(execution.arn))).toEqual(inOrder(expected));
      });

      it('keeps what a failure left, and runs again', async () => {
        const ended = { status: 'FAILED', stoppedAt: 5, error: 'Boom', lastEventId: 1 } as const;
        const children = {
          kind: 'children',
          items: null,
          input: Value.ofText('1'),
          total: 2,
          next: 2,
          running: 1,
          maxConcurrency: 0,
          failed: 0,
        } as const;
        const begun = new Map([
          ['0', aFrame('0', { waiting: { kind: 'failed', error: 'Boom', cause: null, was: children } })],
          ['0/1.1', aFrame('0/1.1', { waiting: { kind: 'aborted', was: { kind: 'entered', redriveOf: [3, 1] } } })],
        ]);
        const commit = { frames: begun, outputs: [anOutput('0/1', 0, '"done"')], history: [aRecord(1)] };
        await store.create(aCommit(anExecution('a')));
        await store.commit(aCommit(anExecution('a', ended), commit));
        store = await reopened();
        const left = loaded(anExecution('a', ended), [...begun.values()], commit.outputs);
        expect(inOrder(await store.load(executionArn('a')))).toEqual(inOrder(left));
        expect(await store.running()).toEqual([]);
        const redrive = { count: 1, at: 9, tokens: [{ token: 't', at: 9 }], formerDefinitions: [], alone: true };
        const again = anExecution('a', { redrive, lastEventId: 2 });
        await store.commit(aCommit(again, { frames: new Map([['0', aFrame('0')]]), history: [aRecord(2)] }));
        store = await reopened();
        expect(await store.running()).toEqual([executionArn('a')]);
        expect((await store.list({ limit: 9, status: 'FAILED' })).length).toBe(0);
        expect(readable(await store.describe(executionArn('a')))).toEqual(readable(again));
        expect((await store.load(executionArn('a')))?.outputs).toHaveLength(1);
      });

      it('drops outputs by their fork, those of the same commit too', async () => {
        const execution = anExecution('a');
        await store.create(aCommit(execution, { outputs: [anOutput('0/1', 0, '1'), anOutput('0/2', 0, '2')] }));
        await store.commit(aCommit(execution, { outputs: [anOutput('0/1', 1, '3')], droppedForks: ['0/1', '0/8'] }));
        store = await reopened();
        expect((await store.load(execution.arn))?.outputs.map(readable)).toEqual([readable(anOutput('0/2', 0, '2'))]);
        await store.commit(aCommit(execution, { outputs: [anOutput('0/1', 5, '4')] }));
        expect((await store.load(execution.arn))?.outputs).toHaveLength(2);
      });

      it('applies commits of one execution in the order of the calls', async () => {
        const made = [store.create(streamCommit('a', 1))];
        const written = Array.from({ length: 20 }, (_, i) => store.commit(streamCommit('a', i + 2)));
        await Promise.all([...made, ...written]);
        expectStreamAt(21, await store.load(executionArn('a')));
        store = await reopened();
        expectStreamAt(21, await store.load(executionArn('a')));
        const history = await store.history({ executionArn: executionArn('a'), limit: 100 });
        expect(history.map(({ id }) => id)).toEqual(Array.from({ length: 63 }, (_, i) => i + 1));
      });

      it('shows a commit whole or not at all', async () => {
        await store.create(streamCommit('a', 1));
        for (let n = 2; n < 12; n++) {
          const committed = store.commit(streamCommit('a', n));
          const seen = await store.load(executionArn('a'));
          expectStreamAt(seen?.execution.transitions as number, seen);
          await committed;
          expectStreamAt(n, await store.load(executionArn('a')));
        }
      });

      it('keeps executions apart', async () => {
        const names = Array.from({ length: 30 }, (_, i) => `e${i}`);
        await Promise.all(
          names.map(async (each, i) => {
            await store.create(streamCommit(each, 1));
            for (let n = 2; n <= 1 + (i % 4); n++) await store.commit(streamCommit(each, n));
          }),
        );
        store = await reopened();
        for (const [i, each] of names.entries()) expectStreamAt(1 + (i % 4), await store.load(executionArn(each)));
      });

      it('is where any commits lead', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(drafts, { maxLength: 12 }), fc.string(), async (steps, tag) => {
            const execution = anExecution(`any-${tag}-${++created}`);
            await store.create(aCommit(execution));
            const model = { frames: new Map<string, Frame>(), outputs: new Map<string, ChildOutput>() };
            const pending: Promise<void>[] = [];
            for (const { wait, commit } of steps) {
              pending.push(store.commit(aCommit(execution, commit)));
              applyTo(model, commit);
              if (wait) await Promise.all(pending);
            }
            await Promise.all(pending);
            const expected = loaded(execution, [...model.frames.values()], [...model.outputs.values()]);
            expect(inOrder(await store.load(execution.arn))).toEqual(inOrder(expected));
          }),
          { numRuns: 20 },
        );
      });
      let created = 0;
    });

    describe('pruning', () => {
      const ended = (name: string, stoppedAt: number): Commit =>
        aCommit(anExecution(name, { status: 'SUCCEEDED', startedAt: stoppedAt - 10, stoppedAt }), {
          frames: new Map([['0', aFrame('0', { input: Value.ofText(JSON.stringify('x'.repeat(70_000))) })]]),
          outputs: [anOutput('0/1', 0, JSON.stringify('y'.repeat(5_000)))],
          history: [aRecord(1), aRecord(2)],
        });
      const names = async (): Promise<string[]> => {
        const found = await store.list({ limit: 100 });
        return found.map(({ name: each }) => each).sort();
      };
      const pruned = async (params: Omit<PruneParams, 'limit'>, limit = 100): Promise<number> => {
        let removed = 0;
        for (let more = true; more;) {
          const slice = await store.prune({ ...params, limit });
          expect(slice.removed).toBeLessThanOrEqual(limit);
          removed += slice.removed;
          more = slice.more;
        }
        return removed;
      };

      it('removes what ended too long ago, with all that there was of it', async () => {
        for (const i of [1, 2, 3, 4, 5]) await store.create(ended(`e${i}`, i * 1000));
        await store.create(aCommit(anExecution('running', { startedAt: 1 })));
        store = await reopened();
        expect(await pruned({ endedBefore: 3000, keep: null }, 1)).toBe(2);
        store = await reopened();
        expect(await names()).toEqual(['e3', 'e4', 'e5', 'running']);
        expect(await store.load(executionArn('e1'))).toBeUndefined();
        expect(await store.history({ executionArn: executionArn('e1'), limit: 10 })).toEqual([]);
        expect(await store.history({ executionArn: executionArn('e3'), limit: 10 })).toHaveLength(2);
        expect((await store.load(executionArn('e3')))?.frames.size).toBe(1);
      });

      it('removes the first that ended of too many', async () => {
        for (const i of [3, 1, 4, 2]) await store.create(ended(`e${i}`, i * 1000));
        expect(await pruned({ endedBefore: 0, keep: 2 })).toBe(2);
        expect(await names()).toEqual(['e3', 'e4']);
        expect(await pruned({ endedBefore: 0, keep: 2 })).toBe(0);
      });

      it('keeps what still owes somebody a message', async () => {
        await store.create(aCommit(ended('a', 1000).execution, { outbox: [closedMessage('a', 'k')] }));
        expect(await pruned({ endedBefore: 5000, keep: 0 })).toBe(0);
        await store.acknowledge(closedMessage('a', 'k'));
        expect(await pruned({ endedBefore: 5000, keep: 0 })).toBe(1);
      });

      it('leaves nothing behind that another of the same name would find', async () => {
        await store.create(ended('a', 1000));
        await pruned({ endedBefore: 5000, keep: null });
        const again = anExecution('a');
        expect(await store.create(aCommit(again, { frames: new Map([['0/1.0', aFrame('0/1.0')]]) }))).toBe(true);
        store = await reopened();
        expect(inOrder(await store.load(again.arn))).toEqual(inOrder(loaded(again, [aFrame('0/1.0')])));
        expect(await store.history({ executionArn: again.arn, limit: 10 })).toEqual([]);
      });
    });

    describe('lists', () => {
      beforeEach(async () => {
        const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED'] as const;
        const create = (_: unknown, i: number): Promise<boolean> =>
          store.create(
            aCommit(
              anExecution(`e${i}`, {
                startedAt: 1000 + i,
                status: statuses[i % 3] ?? 'RUNNING',
                stateMachineArn: i % 2 ? 'odd' : 'even',
              }),
            ),
          );
        // Backwards: the order of creation must not count.
        await Promise.all(Array.from({ length: 12 }, create).reverse());
        store = await reopened();
      });
      const list = async (params: ListParams): Promise<string[]> =>
        (await store.list(params)).map(({ name: each }) => each);

      it('lists the newest first, in pages', async () => {
        expect(await list({ limit: 3 })).toEqual(['e11', 'e10', 'e9']);
        expect(await list({ limit: 3, after: executionArn('e9') })).toEqual(['e8', 'e7', 'e6']);
        expect(await list({ limit: 99, after: executionArn('e2') })).toEqual(['e1', 'e0']);
        expect(await list({ limit: 99, after: executionArn('e0') })).toEqual([]);
        expect(await list({ limit: 99, after: executionArn('nobody') })).toEqual([]);
      });

      it('lists by state machine and by status', async () => {
        expect(await list({ limit: 3, stateMachineArn: 'odd' })).toEqual(['e11', 'e9', 'e7']);
        expect(await list({ limit: 2, stateMachineArn: 'odd', after: executionArn('e7') })).toEqual(['e5', 'e3']);
        expect(await list({ limit: 9, status: 'RUNNING' })).toEqual(['e9', 'e6', 'e3', 'e0']);
        expect(await list({ limit: 9, status: 'SUCCEEDED' })).toEqual(['e10', 'e7', 'e4', 'e1']);
        expect(await list({ limit: 9, status: 'FAILED', stateMachineArn: 'even' })).toEqual(['e8', 'e2']);
        expect(await list({ limit: 9, status: 'SUCCEEDED', stateMachineArn: 'even' })).toEqual(['e10', 'e4']);
        expect(await list({ limit: 9, status: 'FAILED', after: executionArn('e9') })).toEqual(['e8', 'e5', 'e2']);
        expect(await list({ limit: 9, status: 'ABORTED' })).toEqual([]);
        expect(await list({ limit: 9, stateMachineArn: 'other' })).toEqual([]);
      });

      it('lists by the version and the alias that they were started with', async () => {
        const versions = ['odd:1', 'odd:2', 'odd:1'];
        for (const [i, stateMachineVersionArn] of versions.entries())
          await store.create(
            aCommit(
              anExecution(`v${i}`, {
                startedAt: 2000 + i,
                status: i === 0 ? 'FAILED' : 'SUCCEEDED',
                stateMachineArn: 'odd',
                stateMachineVersionArn,
                ...(i > 0 && { stateMachineAliasArn: 'odd:live' }),
              }),
            ),
          );
        store = await reopened();
        expect(await list({ limit: 9, stateMachineVersionArn: 'odd:1' })).toEqual(['v2', 'v0']);
        expect(await list({ limit: 9, stateMachineVersionArn: 'odd:1', status: 'FAILED' })).toEqual(['v0']);
        expect(await list({ limit: 1, stateMachineVersionArn: 'odd:1', after: executionArn('v2') })).toEqual(['v0']);
        expect(await list({ limit: 9, stateMachineAliasArn: 'odd:live' })).toEqual(['v2', 'v1']);
        expect(await list({ limit: 9, stateMachineAliasArn: 'odd:other' })).toEqual([]);
        expect(await list({ limit: 4, stateMachineArn: 'odd' })).toEqual(['v2', 'v1', 'v0', 'e11']);
      });

      it('pages through executions that started together without losing one', async () => {
        const together = Array.from({ length: 7 }, (_, i) => `t${i}`);
        for (const each of together) await store.create(aCommit(anExecution(each, { startedAt: 9000 })));
        const seen: string[] = [];
        for (let after: string | undefined; seen.length < 7; after = executionArn(seen.at(-1) as string))
          seen.push(...(await list({ limit: 2, ...(after === undefined ? {} : { after }) })));
        expect(seen.slice(0, 7).sort()).toEqual(together);
      });

      it('names the running ones, oldest first', async () => {
        expect(await store.running()).toEqual(['e0', 'e3', 'e6', 'e9'].map(executionArn));
        const closed = { status: 'SUCCEEDED', startedAt: 1003, stateMachineArn: 'odd' } as const;
        await store.commit(aCommit(anExecution('e3', closed)));
        await store.commit(aCommit(anExecution('e2', { startedAt: 1002, stateMachineArn: 'even' })));
        expect(await store.running()).toEqual(['e0', 'e2', 'e6', 'e9'].map(executionArn));
        expect(await list({ limit: 2, status: 'SUCCEEDED', stateMachineArn: 'odd' })).toEqual(['e7', 'e3']);
        expect(await list({ limit: 9, status: 'FAILED' })).toEqual(['e11', 'e8', 'e5']);
      });
    });

    describe('history', () => {
      const executionArnOfA = executionArn('a');
      beforeEach(async () => {
        const history = Array.from({ length: 40 }, (_, i) => aRecord(i + 1));
        await store.create(aCommit(anExecution('a'), { history: history.slice(0, 3) }));
        for (const [from, to] of [
          [3, 4],
          [4, 14],
          [14, 14],
          [14, 40],
        ] as const)
          await store.commit(aCommit(anExecution('a'), { history: history.slice(from, to) }));
        store = await reopened();
      });
      const ids = async (limit: number, reverse?: boolean, after?: number): Promise<number[]> => {
        const page = await store.history({
          executionArn: executionArnOfA,
          limit,
          ...(reverse === undefined ? {} : { reverse }),
          ...(after === undefined ? {} : { after }),
        });
        return page.map(({ id }) => id);
      };
      const range = (from: number, to: number): number[] =>
        Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => (from <= to ? from + i : from - i));

      it('pages forwards', async () => {
        for (const size of [1, 3, 4, 7, 40]) {
          for (let after = 0; after < 40; after += size)
            expect(await ids(size, false, after)).toEqual(range(after + 1, Math.min(after + size, 40)));
        }
        expect(await ids(5)).toEqual(range(1, 5));
        expect(await ids(5, false, 40)).toEqual([]);
      });

      it('pages backwards', async () => {
        for (const size of [1, 3, 4, 7, 40]) {
          for (let after = 41; after > 1; after -= size)
            expect(await ids(size, true, after)).toEqual(range(after - 1, Math.max(after - size, 1)));
        }
        expect(await ids(5, true)).toEqual(range(40, 36));
        expect(await ids(5, true, 1)).toEqual([]);
      });

      it('gives back any records', async () => {
        let number = 0;
        await fc.assert(
          fc.asyncProperty(records, fc.nat(30), async (history, cut) => {
            const execution = anExecution(`h${++number}`);
            await store.create(aCommit(execution, { history: history.slice(0, cut) }));
            await store.commit(aCommit(execution, { history: history.slice(cut) }));
            const page = await store.history({ executionArn: execution.arn, limit: 100 });
            expect(readable(page)).toEqual(readable(history));
          }),
          { numRuns: 20 },
        );
      });
    });

    describe('values', () => {
      const texts = {
        '5 KB': JSON.stringify('5'.repeat(5_000)),
        '100 KB': JSON.stringify('h'.repeat(100_000)),
        'unicode, 5 KB': JSON.stringify('\u{1f600}ßü\u0000\ud800'.repeat(1_000)),
        'unicode, 100 KB': JSON.stringify('\u{1f600}ßü'.repeat(25_000)),
        'a __proto__ key': '{"__proto__":{"toString":1},"constructor":null}',
        'white space': ' {\n\t"a" : [ 1 , 2.50 ]\r\n} ',
        'numbers as written': '[1.0, 1e2, -0, 12345678901234567890]',
      };
      it.each(Object.entries(texts))('keeps %s wherever it stands', async (_, text) => {
        const value = Value.ofText(text);
        const execution = anExecution('a', { input: value });
        const frame = aFrame('0', { input: value, variables: Value.ofText(text) });
        const output = { fork: '0/1', index: 0, value };
        const history = [aRecord(1, { value }), aRecord(2), aRecord(3, { value: Value.ofText(text) })];
        await store.create(aCommit(execution, { frames: new Map([['0', frame]]), outputs: [output], history }));
        store = await reopened();
        const found = await store.load(execution.arn);
        expect(readable(found)).toEqual(readable(loaded(execution, [frame], [output])));

        // What was loaded can be written again, and goes on to another execution.
        const passed = found?.execution.input as Value;
        await store.create(aCommit(anExecution('b', { input: passed })));
        await store.commit(aCommit(anExecution('a', { input: passed }), { frames: new Map([['0', frame]]) }));
        store = await reopened();
        expect((await store.describe(executionArn('b')))?.input.text).toBe(text);
        expect(readable(await store.load(execution.arn))).toEqual(readable(loaded(execution, [frame], [output])));
        const page = await store.history({ executionArn: execution.arn, limit: 10 });
        expect(readable(page)).toEqual(readable(history));
      });
    });

    describe('map runs', () => {
      const rowsOf = async (mapRunArn: string): Promise<readonly (readonly MapRunResult[])[]> =>
        (await store.mapRunResults({ mapRunArn, limit: 100 })).map(({ results }) => results);
      const shown = (results: readonly MapRunResult[]): unknown =>
        results.map(({ output, input, ...rest }) => ({ ...rest, output: output?.text, input: input?.text }));

      it('keeps a run and the results of its children', async () => {
        const ending = { status: 'TIMED_OUT', output: null, error: 'E', cause: 'says "no"' } as const;
        const failed = aResult(1, { ...ending, items: 3, notRedrivable: 'never' });
        const withInput = aResult(0, { input: Value.ofText('[ 1 ]') });
        await store.saveMapRun(aMapRun('r'), []);
        await store.saveMapRun(aMapRun('r', { source: 'v1' }), [failed, withInput]);
        store = await reopened();
        expect(await store.mapRun('r')).toEqual(aMapRun('r', { source: 'v1' }));
        expect((await rowsOf('r')).map(shown)).toEqual([shown([failed, withInput])]);
        expect(await store.mapRun('other')).toBeUndefined();
        expect(await rowsOf('other')).toEqual([]);
      });

      it('keeps what a run is made from until it has ended', async () => {
        await store.saveMapRun(aMapRun('r'), [], 'first');
        await Promise.all([
          store.saveMapRun(aMapRun('r'), [], 'second'),
          store.saveMapRun(aMapRun('r'), [aResult(0)]),
          store.saveMapRun(aMapRun('other'), []),
        ]);
        store = await reopened();
        expect(await store.mapRunScope('r')).toBe('second');
        expect(await store.mapRunScope('other')).toBeUndefined();
        await store.saveMapRun(aMapRun('r', { status: 'ABORTED' }), []);
        expect(await store.mapRunScope('r')).toBeUndefined();
        expect(await store.mapRunScope('nobody')).toBeUndefined();
      });

      it('gives rows by their lowest index and then in the order they came, page by page', async () => {
        await Promise.all([
          store.saveMapRun(aMapRun('r'), [aResult(5), aResult(2)]),
          store.saveMapRun(aMapRun('r'), [aResult(0)]),
          store.saveMapRun(aMapRun('r'), [aResult(2), aResult(3)]),
          store.saveMapRun(aMapRun('other'), [aResult(1)]),
        ]);
        store = await reopened();
        await store.saveMapRun(aMapRun('r'), [aResult(1)]);
        const firsts: number[][] = [];
        let after: MapRunResultRow | undefined;
        for (;;) {
          const page = await store.mapRunResults({ mapRunArn: 'r', limit: 1, ...(after && { after }) });
          after = page[0];
          if (!after) break;
          firsts.push(after.results.map(({ index }) => index));
        }
        expect(firsts).toEqual([[0], [1], [5, 2], [2, 3]]);
      });

      it('lists the runs of an execution, and those that run', async () => {
        for (const name of ['b', 'a', 'c']) await store.saveMapRun(aMapRun(name), []);
        await store.saveMapRun(aMapRun('d', { executionArn: 'another' }), []);
        await store.saveMapRun(aMapRun('a', { status: 'FAILED' }), []);
        store = await reopened();
        expect((await store.mapRuns(aMapRun('a').executionArn)).map(({ arn }) => arn)).toEqual(['b', 'a', 'c']);
        expect((await store.runningMapRuns()).map(({ arn }) => arn)).toEqual(['b', 'c', 'd']);
      });

      it('lists the children of a run, and removes a run with its execution', async () => {
        const origin = { kind: 'mapRun', mapRunArn: 'r', index: 0, items: 1, redriveCount: 0 } as const;
        await store.create(aCommit(anExecution('parent', { status: 'SUCCEEDED', stoppedAt: 5 })));
        await store.create(aCommit(anExecution('child', { origin })));
        await store.saveMapRun(aMapRun('r', { executionArn: executionArn('parent') }), [aResult(0)]);
        store = await reopened();
        const children = await store.list({ mapRunArn: 'r', limit: 10 });
        expect(children.map(({ name }) => name)).toEqual(['child']);
        expect(await store.list({ mapRunArn: 'r', status: 'SUCCEEDED', limit: 10 })).toEqual([]);
        expect(await store.list({ mapRunArn: 'r', status: 'RUNNING', limit: 10 })).toHaveLength(1);
        const prune = async (): Promise<void> => {
          while ((await store.prune({ endedBefore: 10, keep: 0, limit: 10 })).more);
        };
        // Its files are still to be written.
        await prune();
        expect(await store.mapRun('r')).toMatchObject({ status: 'RUNNING' });
        await store.saveMapRun(aMapRun('r', { executionArn: executionArn('parent'), status: 'ABORTED' }), []);
        await prune();
        expect(await store.mapRun('r')).toBeUndefined();
        expect(await rowsOf('r')).toEqual([]);
        expect(await store.mapRuns(executionArn('parent'))).toEqual([]);
      });
    });

    describe('children of map runs', () => {
      interface Child {
        readonly index: number;
        readonly started: number;
        readonly stopped: number;
        /** Its steps: one that is both begun and ended by the first is committed once. */
        readonly steps: number;
        readonly end: 'SUCCEEDED' | 'FAILED' | 'RUNNING';
        readonly input: string;
      }
      const aChild: fc.Arbitrary<Child> = fc.record({
        index: fc.nat(300),
        started: fc.nat(4),
        stopped: fc.integer({ min: 5, max: 9 }),
        steps: fc.integer({ min: 1, max: 3 }),
        end: fc.constantFrom('SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'FAILED', 'RUNNING'),
        input: fc.oneof(
          { weight: 9, arbitrary: fc.json({ maxDepth: 1 }) },
          { weight: 1, arbitrary: fc.constant(JSON.stringify('x'.repeat(5000))) },
        ),
      });
      const begin = 1_700_000_000_000;
      const childOf = (mapRunArn: string, { index, started, input }: Child): Execution => {
        const each = childName(mapRunArn, index);
        const origin = { kind: 'mapRun', mapRunArn, index, items: 1, redriveCount: 0 } as const;
        const more = {
          stateMachineArn: 'm/label',
          block: 1,
          startedAt: begin + started,
          input: Value.ofText(input),
          origin,
        };
        return anExecution(each, more);
      };
      const commitsOf = (mapRunArn: string, child: Child): readonly Commit[] =>
        Array.from({ length: child.steps }, (_, step) => {
          const execution = childOf(mapRunArn, child);
          const history = [aRecord(2 * step + 1, { value: execution.input }), aRecord(2 * step + 2)];
          const isLast = step === child.steps - 1;
          const frame = isLast && child.end === 'SUCCEEDED' ? null : aFrame('0');
          const ended = { status: child.end, stoppedAt: begin + child.stopped, output: execution.input };
          return aCommit(
            { ...execution, lastEventId: 2 * step + 2, ...(isLast && child.end !== 'RUNNING' && ended) },
            { frames: new Map([['0', frame]]), history },
          );
        });
      /** Step by step, all of them in one go. */
      const write = async (into: Store, commits: readonly (readonly Commit[])[]): Promise<readonly boolean[]> => {
        const begun = await Promise.all(commits.map(([first]) => into.create(first as Commit)));
        for (const step of [1, 2])
          await Promise.all(commits.map((all) => all[step]).map((each) => each && into.commit(each)));
        return begun;
      };
      /** Those that failed run again; some of them fail once more. */
      const redrive = async (into: Store, commits: readonly (readonly Commit[])[]): Promise<void> => {
        for (const [i, all] of commits.entries()) {
          const { execution } = all.at(-1) as Commit;
          const at = execution.lastEventId;
          const running = {
            ...execution,
            status: 'RUNNING',
            stoppedAt: null,
            output: null,
            lastEventId: at + 1,
          } as const;
          await into.commit(aCommit(running, { frames: new Map([['1', aFrame('1')]]), history: [aRecord(at + 1)] }));
          expect(await into.running()).toContain(execution.arn);
          const ended = { status: i % 3 === 0 ? 'FAILED' : 'SUCCEEDED', stoppedAt: begin + 20 } as const;
          const frames = new Map(ended.status === 'FAILED' ? [] : [['0', null] as const, ['1', null] as const]);
          await into.commit(
            aCommit({ ...running, ...ended, lastEventId: at + 2 }, { frames, history: [aRecord(at + 2)] }),
          );
        }
      };
      const pages = async (of: Store, filter: Omit<ListParams, 'limit'>, limit: number): Promise<unknown[]> => {
        const found: Execution[] = [];
        for (let page = await of.list({ ...filter, limit }); page.length > 0;) {
          found.push(...page);
          page = await of.list({ ...filter, limit, after: (page.at(-1) as Execution).arn });
        }
        const starts = found.map(({ startedAt }) => startedAt);
        expect(starts).toEqual(starts.toSorted((a, b) => b - a));
        // The order of those that began at once is not promised.
        return found.toSorted((a, b) => b.startedAt - a.startedAt || (a.arn < b.arn ? -1 : 1)).map(readable);
      };

      it('are found as they ended, whatever they are kept in', async () => {
        const model = createMemoryStore();
        let sample = 0;
        await fc.assert(
          fc.asyncProperty(
            fc.uniqueArray(aChild, { selector: ({ index }) => index, maxLength: 25 }),
            fc.integer({ min: 1, max: 12 }),
            async (children, limit) => {
              const runs = [`run-${++sample}a`, `run-${sample}b`] as const;
              const written = children.map((child, i) => commitsOf(runs[i % 5 === 0 ? 1 : 0], child));
              await Promise.all(runs.map((arn) => store.saveMapRun(aMapRun(arn), [])));
              expect(await write(store, written)).toEqual(await write(model, written));
              await store.saveMapRun(aMapRun(runs[0], { status: 'SUCCEEDED' }), []);
              if (sample % 4 === 0) store = await reopened();
              const compare = async (): Promise<void> => {
                for (const [first] of written as [Commit][]) {
                  const { arn } = first.execution;
                  expect(await store.create(first)).toBe(false);
                  expect(inOrder(await store.load(arn))).toEqual(inOrder(await model.load(arn)));
                  expect(readable(await store.describe(arn))).toEqual(readable(await model.describe(arn)));
                  for (const page of [{ limit: 9 }, { limit: 2, after: 1 }, { limit: 3, reverse: true }])
                    expect(readable(await store.history({ executionArn: arn, ...page }))).toEqual(
                      readable(await model.history({ executionArn: arn, ...page })),
                    );
                }
                for (const filter of [
                  { mapRunArn: runs[0] },
                  { mapRunArn: runs[1], status: 'SUCCEEDED' },
                  { mapRunArn: runs[0], status: 'FAILED' },
                  { mapRunArn: runs[0], stateMachineArn: 'm/label' },
                  { mapRunArn: runs[0], stateMachineArn: 'other' },
                  { stateMachineArn: 'm/label', stateMachineAliasArn: 'none' },
                ] as const)
                  expect(await pages(store, filter, limit)).toEqual(await pages(model, filter, limit));
              };
              await compare();
              // What has failed runs again, mostly with what failed beside it.
              const failed = children.flatMap(({ end }, i) => (end === 'FAILED' && i % 4 > 0 ? [written[i]] : []));
              for (const into of [store, model]) await redrive(into, failed as (readonly Commit[])[]);
              await store.saveMapRun(aMapRun(runs[0], { status: 'FAILED' }), []);
              await compare();
            },
          ),
          { numRuns: 20 },
        );
        for (const filter of [
          {},
          { stateMachineArn: 'm/label' },
          { status: 'SUCCEEDED' },
          { status: 'FAILED', stateMachineArn: 'm/label' },
          { status: 'FAILED' },
          { status: 'RUNNING' },
        ] as const)
          expect(await pages(store, filter, 7)).toEqual(await pages(model, filter, 7));
      });

      it('are removed when they are to go, and not before', async () => {
        const steps = (i: number): number => (i % 3 === 0 ? 2 : 1);
        const children = Array.from({ length: 20 }, (_, index): Child => {
          return { index, started: 0, stopped: 10 + index, steps: steps(index), end: 'SUCCEEDED', input: '1' };
        });
        const owing = closedMessage(childName('r', 19), 'k');
        const commits = (child: Child): readonly Commit[] =>
          commitsOf('r', child).map((commit, i, all) =>
            child.index === 19 && i === all.length - 1 ? { ...commit, outbox: [owing] } : commit,
          );
        for (const some of [children.slice(0, 9), children.slice(9, 15), children.slice(15)])
          await write(store, some.map(commits));
        const others = [3, 12, 30].map((stopped) => ({ status: 'FAILED', stoppedAt: begin + stopped }) as const);
        for (const [i, ended] of others.entries()) await store.create(aCommit(anExecution(`other ${i}`, ended)));
        const ends = async (): Promise<number[]> =>
          (await store.list({ limit: 99 })).map(({ stoppedAt }) => (stoppedAt ?? 0) - begin).sort((a, b) => b - a);
        const all = await ends();
        expect(all).toHaveLength(23);
        const pruned = async (params: Omit<PruneParams, 'limit'>): Promise<number> => {
          let removed = 0;
          for (let more = true; more;) {
            const slice = await store.prune({ ...params, limit: 3 });
            removed += slice.removed;
            more = slice.more;
          }
          return removed;
        };
        // Some may stay a little longer, with others: those of a pack that begin and end at once, and those of one of rows.
        for (const keep of [21, 14, 6]) {
          await pruned({ endedBefore: 0, keep });
          const left = await ends();
          expect(left.slice(0, keep)).toEqual(all.slice(0, keep));
          expect(left.length).toBeLessThanOrEqual(keep + 6 + 3);
        }
        store = await reopened();
        const before = (await ends()).length;
        await pruned({ endedBefore: begin + 26, keep: null });
        expect((await ends()).filter((end) => end >= 26)).toEqual(all.filter((end) => end >= 26));
        expect((await ends()).length).toBeLessThan(before);
        await pruned({ endedBefore: begin + 99, keep: null });
        expect((await ends()).includes(29)).toBe(true);
        await store.acknowledge(owing);
        await pruned({ endedBefore: begin + 99, keep: null });
        expect(await ends()).toEqual([]);
        expect(await store.create(commitsOf('r', children[0] as Child)[0] as Commit)).toBe(true);
      });
    });

    describe('the outbox', () => {
      it('keeps messages in order until they are acknowledged', async () => {
        const messages = ['k3', 'k1', 'k2'].map((key) => closedMessage('a', key));
        const [first, second, third] = messages as [OutboxMessage, OutboxMessage, OutboxMessage];
        const other = closedMessage('b', 'k1');
        await store.create(aCommit(anExecution('a'), { outbox: [first] }));
        await store.create(aCommit(anExecution('b'), { outbox: [other] }));
        await store.commit(aCommit(anExecution('a'), { outbox: [second, third] }));
        store = await reopened();
        expect(await store.outbox()).toEqual([first, other, second, third]);
        await store.acknowledge(second);
        await store.acknowledge(second);
        store = await reopened();
        expect(await store.outbox()).toEqual([first, other, third]);
        await Promise.all([store.acknowledge(first), store.acknowledge(third), store.acknowledge(other)]);
        expect(await store.outbox()).toEqual([]);
      });
    });

    describe('definitions and state machines', () => {
      it('keeps a definition under its hash', async () => {
        await Promise.all([store.saveDefinition('h1', '{ "a": 1 }'), store.saveDefinition('h2', '{}')]);
        await store.saveDefinition('h1', '{ "a": 1 }');
        store = await reopened();
        expect(await store.definition('h1')).toBe('{ "a": 1 }');
        expect(await store.definition('h3')).toBeUndefined();
      });

      it('keeps state machines, by name, with all that belongs to them', async () => {
        const machine = (each: string, more: Partial<StateMachineRecord> = {}): StateMachineRecord => ({
          ...aStateMachine(each),
          ...more,
        });
        for (const each of ['b', 'c', 'a']) await store.saveStateMachine(machine(each));
        const { definition, roleArn, revisionId, settings, createdAt } = machine('c');
        const changed = machine('c', {
          type: 'EXPRESS',
          status: 'DELETING',
          revisionId: 'r2',
          updatedAt: 9,
          tags: [{ key: '__proto__', value: 'ü' }],
          versions: [{ definition, roleArn, revisionId, settings, createdAt, number: 3, description: null }],
          lastVersion: 3,
          aliases: [{ name: 'x', description: 'd', routes: [{ version: 3, weight: 100 }], createdAt: 7, updatedAt: 8 }],
        });
        await store.saveStateMachine(changed);
        store = await reopened();
        expect(await store.stateMachines()).toEqual([machine('a'), machine('b'), changed]);
        expect(await store.stateMachine('arn:c')).toEqual(changed);
        expect(await store.stateMachine('arn:d')).toBeUndefined();
      });

      it('loses a state machine that is removed, and keeps its definition', async () => {
        await store.saveDefinition('d1', '{}');
        await Promise.all([store.saveStateMachine(aStateMachine('a')), store.saveStateMachine(aStateMachine('b'))]);
        await Promise.all([store.removeStateMachine('arn:a'), store.removeStateMachine('arn:nobody')]);
        store = await reopened();
        expect(await store.stateMachines()).toEqual([aStateMachine('b')]);
        expect(await store.stateMachine('arn:a')).toBeUndefined();
        expect(await store.definition('d1')).toBe('{}');
        await Promise.all([store.removeStateMachine('arn:b'), store.saveStateMachine(aStateMachine('b'))]);
        expect(await store.stateMachine('arn:b')).toEqual(aStateMachine('b'));
      });
    });

    describe('activities', () => {
      const activity = (name: string, more: Partial<ActivityRecord> = {}): ActivityRecord => ({
        arn: `arn:${name}`,
        name,
        createdAt: 7,
        encryption: { type: 'AWS_OWNED_KEY' },
        tags: [],
        ...more,
      });

      it('are kept, by name, with all that belongs to them', async () => {
        for (const each of ['b', 'c', 'a']) await store.saveActivity(activity(each));
        const changed = activity('c', { createdAt: 9, tags: [{ key: '__proto__', value: 'ü' }] });
        await store.saveActivity(changed);
        store = await reopened();
        expect(await store.activities()).toEqual([activity('a'), activity('b'), changed]);
        expect(await store.activity('arn:c')).toEqual(changed);
        expect(await store.activity('arn:d')).toBeUndefined();
      });

      it('are gone when they are removed, and can be made again', async () => {
        await Promise.all([store.saveActivity(activity('a')), store.saveActivity(activity('b'))]);
        await Promise.all([store.removeActivity('arn:a'), store.removeActivity('arn:nobody')]);
        store = await reopened();
        expect(await store.activities()).toEqual([activity('b')]);
        await store.removeActivity('arn:b');
        await store.saveActivity(activity('b', { createdAt: 8 }));
        expect(await store.activity('arn:b')).toEqual(activity('b', { createdAt: 8 }));
      });
    });

    it('resolves a sync, with and without something to save', async () => {
      await store.sync();
      await Promise.all([store.create(streamCommit('a', 1)), store.sync(), store.sync()]);
      await store.sync();
      expectStreamAt(1, await store.load(executionArn('a')));
    });
  });
}

function closedMessage(name: string, key: string): OutboxMessage {
  const origin = {
    kind: 'task',
    executionArn: executionArn('parent'),
    frame: '0',
    attempt: 1,
    output: 'json',
  } as const;
  return { executionArn: executionArn(name), key, body: { kind: 'closed', origin } };
}

function aStateMachine(name: string): StateMachineRecord {
  return {
    arn: `arn:${name}`,
    name,
    type: 'STANDARD',
    status: 'ACTIVE',
    roleArn: 'role',
    definition: 'd1',
    revisionId: null,
    settings: { logging: { level: 'OFF' }, tracing: { enabled: false }, encryption: { type: 'AWS_OWNED_KEY' } },
    createdAt: 5,
    updatedAt: 5,
    tags: [],
    versions: [],
    lastVersion: 0,
    aliases: [],
  };
}
