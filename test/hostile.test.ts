/**
 * Hostile definitions and data, run by `fanfold serve` in both positions of its limits. They are not part of this
 * repository: see hostile.ts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE_FOLDER, hostileItems } from './hostile.ts';
import { callStates, PASS, ROLE, type Serve, startServe } from './serve.ts';

interface Item {
  readonly expect: {
    readonly verdict: 'accept' | 'reject' | 'either' | 'runtime-error' | 'safe';
    readonly error?: string;
    readonly input?: unknown;
    readonly aws_text?: string;
    readonly aws_text_source?: string;
  };
}

type End = 'refused' | 'SUCCEEDED' | 'FAILED' | 'RUNNING';

const definitions = ['asl-hostile', 'asl-runtime']
  .flatMap((area) => hostileItems<Item>(area))
  .filter(({ path }) => path !== undefined);
const found = definitions.length > 0;
if (!found) console.log(`The hostile definitions are not run: there are none in ${HOSTILE_FOLDER}`);

/** What may come of an item, by its verdict. */
const ENDS: Readonly<Record<Item['expect']['verdict'], readonly End[]>> = {
  accept: ['SUCCEEDED'],
  reject: ['refused'],
  'runtime-error': ['refused', 'FAILED'],
  either: ['refused', 'SUCCEEDED', 'FAILED', 'RUNNING'],
  safe: ['refused', 'SUCCEEDED', 'FAILED'],
};

/** What comes out otherwise; ADR 9 says why. */
const OTHERWISE: Readonly<Record<string, End>> = {
  'jsonata-regex-replace': 'SUCCEEDED',
  'jsonata-transform-ctor': 'SUCCEEDED',
  'jsonpath-recursive': 'SUCCEEDED',
  'stringsplit-empty': 'SUCCEEDED',
  'stringmatches-regex-chars': 'FAILED',
  'wait-far-future': 'RUNNING',
  // It ends at 25,000 events too, after some 6,000 timers (interpreter/limits.test.ts).
  'zero-wait-loop': 'RUNNING',
};

/** What only AWS's limits end. */
const LIFTED: Readonly<Record<string, End>> = {
  'parallel-explosion': 'SUCCEEDED',
  'format-nested-bomb': 'SUCCEEDED',
  'map-explosion': 'RUNNING',
};

/** How often an execution that may go on for ever is looked at before it counts as running on; others end. */
const LOOKS = 40;
const BETWEEN_LOOKS_MS = 25;

describe.skipIf(!found).each(['aws', 'local'] as const)('hostile definitions under the limits %s', (limits) => {
  let serve: Serve;
  beforeAll(async () => {
    serve = await startServe({ args: ['--limits', limits] });
  });
  afterAll(async () => {
    const { stderr } = await serve.stop();
    expect(stderr).not.toMatch(/error|Error/);
  });
  const call = (action: string, params: object) => callStates(serve.url, action, params);

  const run = async (name: string, definition: string, input: string, mayRunOn: boolean) => {
    const machine = await call('CreateStateMachine', { name, definition, roleArn: ROLE });
    if (typeof machine['stateMachineArn'] !== 'string') return { end: 'refused' as End, shown: machine };
    const { executionArn } = await call('StartExecution', { stateMachineArn: machine['stateMachineArn'], input });
    let shown = await call('DescribeExecution', { executionArn });
    for (let look = 0; shown['status'] === 'RUNNING' && !(mayRunOn && look >= LOOKS); look++) {
      await sleep(BETWEEN_LOOKS_MS);
      shown = await call('DescribeExecution', { executionArn });
    }
    if (shown['status'] === 'RUNNING') {
      await call('StopExecution', { executionArn });
      expect(await call('DescribeExecution', { executionArn })).toMatchObject({ status: 'ABORTED' });
    }
    return { end: shown['status'] as End, shown };
  };

  const wanted = (id: string, item: Item): readonly End[] => {
    const lifted = limits === 'local' ? LIFTED[id] : undefined;
    const otherwise = lifted ?? OTHERWISE[id];
    return otherwise ? [otherwise] : ENDS[item.expect.verdict];
  };

  for (const item of definitions) {
    const id = item.id.slice(item.id.indexOf('/') + 1);
    if (id === 'self-start') continue;
    it(item.id, async () => {
      const definition = readFileSync(join(HOSTILE_FOLDER, item.path ?? ''), 'utf8');
      const { input } = item.expect;
      const text = typeof input === 'string' ? input : JSON.stringify(input ?? {});
      const ends = wanted(id, item);
      const { end, shown } = await run(id, definition, text === '' ? '{}' : text, ends.includes('RUNNING'));
      expect(ends, JSON.stringify(shown).slice(0, 300)).toContain(end);
      const { error, aws_text: cause, aws_text_source: source = '' } = item.expect;
      if (error !== undefined) expect(shown['error']).toBe(error);
      // The others of this text were recorded with another one, which test/conformance.test.ts holds.
      const field = id.split('-').at(-1) ?? '';
      if (cause !== undefined && source.includes(field)) expect(shown['cause']).toMatch(patternOf(cause));
    });
  }

  it('self-start goes on one by one, and ends with its state machine', async () => {
    const definition = readFileSync(join(HOSTILE_FOLDER, 'asl-hostile/self-start.asl.json'), 'utf8');
    const { stateMachineArn } = await call('CreateStateMachine', { name: 'self-start', definition, roleArn: ROLE });
    await call('StartExecution', { stateMachineArn });
    const list = async (statusFilter: string): Promise<readonly unknown[]> =>
      (await call('ListExecutions', { stateMachineArn, statusFilter }))['executions'] as readonly unknown[];
    while ((await list('SUCCEEDED')).length < 20) expect((await list('RUNNING')).length).toBeLessThan(3);
    await call('DeleteStateMachine', { stateMachineArn });
    for (let gone = false; !gone;) {
      gone = (await call('DescribeStateMachine', { stateMachineArn }))['__type'] === 'StateMachineDoesNotExist';
      if (!gone) await sleep(BETWEEN_LOOKS_MS);
    }
  });

  describe('limits', () => {
    const text = (bytes: number, letter = 'x'): string => `"${letter.repeat((bytes - 2) / Buffer.byteLength(letter))}"`;

    it('assign-256k', async () => {
      const definition = JSON.stringify({
        StartAt: 'A',
        States: { A: { Type: 'Pass', Assign: { v: JSON.parse(text(262_145)) as string }, End: true } },
      });
      const { end, shown } = await run('assign-256k', definition, '{}', false);
      expect(end).toBe(limits === 'aws' ? 'FAILED' : 'SUCCEEDED');
      if (limits === 'aws') expect(shown['error']).toBe('States.DataLimitExceeded');
    });

    it('history-25000', async () => {
      const definition = JSON.stringify({
        StartAt: 'A',
        States: {
          A: { Type: 'Pass', Next: 'B' },
          B: { Type: 'Choice', Choices: [{ Variable: '$.never', IsPresent: true, Next: 'C' }], Default: 'A' },
          C: { Type: 'Succeed' },
        },
      });
      const { end, shown } = await run('history-25000', definition, '{}', limits === 'local');
      expect(end).toBe(limits === 'aws' ? 'FAILED' : 'RUNNING');
      if (limits === 'aws')
        expect(shown['cause']).toBe('The execution reached the maximum number of history events (25000).');
    });

    it.each([
      ['input-262145', text(262_145)],
      ['input-multibyte', text(262_146, 'é')],
      ['own-keys-200k', JSON.stringify(Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i])))],
    ])('%s', async (name, input) => {
      const { stateMachineArn } = await call('CreateStateMachine', { name, definition: PASS, roleArn: ROLE });
      const started = await call('StartExecution', { stateMachineArn, input });
      if (limits === 'aws')
        expect(started['__type']).toBe(
          name === 'own-keys-200k' ? 'RequestEntityTooLargeException' : 'ValidationException',
        );
      else expect(started).toHaveProperty('executionArn');
    });
  });
});

/** AWS's text, in which `<name>` and `…` stand for anything. */
function patternOf(text: string): RegExp {
  const parts = text.split(/<name>|…/).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
