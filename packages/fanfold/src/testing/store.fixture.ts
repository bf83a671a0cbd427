/** Executions, frames and commits for tests of stores. */
import fc from 'fast-check';
import { type Execution, freshExecution } from '../interpreter/execution.ts';
import { type Frame, ROOT, type Standing, type Waiting } from '../interpreter/frame.ts';
import type { HistoryRecord } from '../interpreter/history.ts';
import { EMPTY_OBJECT, Value } from '../interpreter/value.ts';
import type { JsonObject } from '../json.ts';
import type { MapRun, MapRunResult } from '../ports/map-runs.ts';
import type { ChildOutput, Commit } from '../ports/store.ts';
import { HISTORY_EVENT_TYPES } from '../runtimes/codecs/history-codec.ts';

export const STATE_MACHINE_ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';

export function executionArn(name: string): string {
  return `arn:aws:states:us-east-1:000000000000:execution:orders:${name}`;
}

export function anExecution(name: string, fields: Partial<Execution> = {}): Execution {
  const fresh = freshExecution({
    arn: executionArn(name),
    name,
    stateMachineArn: STATE_MACHINE_ARN,
    definition: 'd1',
    type: 'STANDARD',
    roleArn: 'arn:aws:iam::000000000000:role/orders',
    startedAt: 1_700_000_000_000,
    input: EMPTY_OBJECT,
    origin: null,
  });
  return { ...fresh, ...fields };
}

export function aMapRun(arn: string, rest: Partial<MapRun> = {}): MapRun {
  const tally = { total: 3, succeeded: 1, failed: 0, timedOut: 1, aborted: 0 };
  return {
    arn,
    executionArn: executionArn('run-parent'),
    frame: '0',
    attempt: 1,
    stateMachineArn: 'm/label',
    childType: 'STANDARD',
    status: 'RUNNING',
    startedAt: 1_700_000_000_000,
    stoppedAt: null,
    seed: -7,
    maxConcurrency: 2,
    toleratedFailureCount: null,
    toleratedFailurePercentage: 12.5,
    source: null,
    items: tally,
    executions: tally,
    resultsWritten: { items: 0, executions: 0 },
    error: null,
    cause: null,
    redriveCount: 0,
    redrivenAt: null,
    ...rest,
  };
}

export function aResult(index: number, rest: Partial<MapRunResult> = {}): MapRunResult {
  return {
    index,
    items: 1,
    status: 'SUCCEEDED',
    output: Value.ofText(`{"n": ${index}}`),
    error: null,
    cause: null,
    input: null,
    startedAt: 1_700_000_000_000,
    stoppedAt: 1_700_000_000_007,
    redriveCount: 0,
    ...rest,
  };
}

export function aFrame(id: string, fields: Partial<Frame> = {}): Frame {
  return {
    id,
    parent: id === ROOT ? null : ROOT,
    index: 0,
    block: 0,
    state: 'Split',
    input: EMPTY_OBJECT,
    enteredAt: 1_700_000_000_000,
    enteredEvent: 2,
    lastEvent: 2,
    attempt: 1,
    retries: [],
    variables: null,
    waiting: { kind: 'nothing' },
    ...fields,
  };
}

export function aRecord(id: number, fields: Partial<HistoryRecord> = {}): HistoryRecord {
  return {
    id,
    previous: id - 1,
    at: 1_700_000_000_000 + id,
    type: 'TaskStateEntered',
    state: 'Split',
    value: Value.ofText(`{"id":${id}}`),
    detail: null,
    ...fields,
  };
}

export function anOutput(fork: string, index: number, text: string): ChildOutput {
  return { fork, index, value: Value.ofText(text) };
}

export function aCommit(execution: Execution, fields: Partial<Omit<Commit, 'execution'>> = {}): Commit {
  return { execution, frames: new Map(), outputs: [], droppedForks: [], history: [], outbox: [], ...fields };
}

/**
 * Commit `n` of a stream in which each commit replaces all that the one before it wrote, so that a mixture of two
 * shows. The first has the number 1.
 */
export function streamCommit(name: string, n: number): Commit {
  const value = Value.ofText(JSON.stringify({ n, text: 'x'.repeat([10, 5_000, 70_000][n % 3] as number) }));
  const execution = anExecution(name, { transitions: n, lastEventId: 3 * n, input: value });
  return aCommit(execution, {
    frames: new Map([
      [`0/${n - 1}.0`, null],
      [`0/${n}.0`, aFrame(`0/${n}.0`, { input: value })],
    ]),
    outputs: [0, 1].map((index) => ({ fork: `0/${n}`, index, value })),
    droppedForks: [`0/${n - 1}`],
    history: [2, 1, 0].map((back) => aRecord(3 * n - back, { value })),
  });
}

/** JSON texts as a client may send them: any characters, `__proto__` keys, white space. */
const texts: fc.Arbitrary<string> = fc
  .tuple(fc.json({ depthSize: 'small' }), fc.constantFrom(undefined, 1, '\t'))
  .map(([text, space]) => JSON.stringify(JSON.parse(text), undefined, space))
  .chain((text) => fc.constantFrom(text, ` ${text}\n`, '{"__proto__": {"a":1}}', '"\u{1f600}ß\\ud800"'));

export const values: fc.Arbitrary<Value> = texts.map(Value.ofText);

const instants = fc.integer({ min: 0, max: 2_000_000_000_000 });
const counts = fc.nat(100_000);
const names = fc.string({ unit: 'binary' });
const nullable = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

const standings: fc.Arbitrary<Standing> = fc.oneof(
  fc.constant<Standing>({ kind: 'nothing' }),
  fc.record({ kind: fc.constantFrom('timer' as const, 'retry' as const), until: instants }),
  fc.record(
    {
      kind: fc.constant('task' as const),
      parameters: values,
      timeoutAt: nullable(instants),
      heartbeatSeconds: nullable(counts),
      submitted: fc.boolean(),
      activity: fc.record({ timeoutSeconds: nullable(counts), begun: fc.boolean() }),
    },
    { requiredKeys: ['kind', 'parameters', 'timeoutAt', 'heartbeatSeconds', 'submitted'] },
  ),
  fc.record({ kind: fc.constant('entered' as const), redriveOf: fc.array(counts, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant('children' as const),
    items: nullable(values),
    input: values,
    total: counts,
    next: counts,
    running: counts,
    maxConcurrency: counts,
    failed: counts,
  }),
);

const waitings: fc.Arbitrary<Waiting> = fc.oneof(
  standings,
  fc.record({ kind: fc.constant('aborted' as const), was: standings }),
  fc.record({ kind: fc.constant('failed' as const), error: names, cause: nullable(names), was: standings }),
);

export const frames: fc.Arbitrary<Frame> = fc.record({
  id: names,
  parent: nullable(names),
  index: counts,
  block: counts,
  state: names,
  input: values,
  enteredAt: instants,
  enteredEvent: counts,
  lastEvent: counts,
  attempt: counts,
  retries: fc.array(counts, { maxLength: 3 }),
  variables: nullable(values),
  waiting: waitings,
});

/** Frames as executions have them while nothing has failed. */
export const usualFrames: fc.Arbitrary<Frame> = fc
  .tuple(
    frames,
    standings.filter(isUsual),
    fc.string({ unit: 'grapheme' }),
    fc.option(fc.tuple(fc.nat(9), fc.nat(9), counts)),
  )
  .map(([frame, waiting, state, child]) => ({
    ...frame,
    ...(child
      ? { id: `0/${child[0]}.${child[1]}/3.${child[2]}`, parent: `0/${child[0]}.${child[1]}`, index: child[2] }
      : { id: ROOT, parent: null, index: 0 }),
    state,
    waiting,
  }));

function isUsual(standing: Standing): boolean {
  return standing.kind !== 'entered' && !('activity' in standing) && !('redriveOf' in standing);
}

const details: fc.Arbitrary<JsonObject | null> = nullable(
  fc.dictionary(names, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }) as fc.Arbitrary<JsonObject>,
).map((detail) => detail && (JSON.parse(JSON.stringify(detail)) as JsonObject));

/** Runs of records in ascending order of ids, mostly dense, with few names and values as in life. */
export const records: fc.Arbitrary<HistoryRecord[]> = fc
  .tuple(
    fc.array(values, { minLength: 1, maxLength: 4 }),
    fc.array(
      fc.record({
        gap: fc.oneof(
          { weight: 5, arbitrary: fc.constant(1) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) },
        ),
        back: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: counts }),
        at: fc.oneof(fc.constant(1_700_000_000_000), instants),
        type: fc.constantFrom(...HISTORY_EVENT_TYPES),
        state: nullable(fc.oneof(fc.constantFrom('Split', '__proto__'), names)),
        value: nullable(fc.nat(3)),
        detail: details,
      }),
      { maxLength: 30 },
    ),
    fc.integer({ min: 1, max: 1_000_000 }),
  )
  .map(([pool, drafts, first]) => {
    let id = first - 1;
    return drafts.map(({ gap, back, value, ...rest }) => {
      id += gap;
      return { ...rest, id, previous: id - back, value: value === null ? null : (pool[value % pool.length] as Value) };
    });
  });
