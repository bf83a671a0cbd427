/** A state that is tested does as the same state in an execution, with the same input and the same outcome of its work. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { WILD_MACHINES } from '../testing/machines.fixture.ts';
import { type Answer, machineOf, Simulation, type TaskCommand } from '../testing/simulate.fixture.ts';
import { ROOT } from './frame.ts';
import type { Machine } from './machine.ts';
import { StateTest, type StateTestProgress } from './test-state.ts';
import { Value } from './value.ts';

const RUNS = { numRuns: 300 };
const WORK = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const INPUTS: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  {},
  { by: 1 },
  { a: { b: [1, 2] }, by: null },
  [{ item: 1 }],
  'text',
);

/** How a state was left. */
interface Left {
  /** LEFT: with an output; a caught error is one, too. */
  readonly status: string;
  readonly output?: string | undefined;
  readonly error?: string | null;
  readonly nextState?: string | null;
  readonly backoff?: number;
}

it('over generated machines: any state, whatever becomes of its work', () => {
  fc.assert(
    fc.property(WILD_MACHINES, INPUTS, fc.nat(), (generated, input, which) => {
      const machine = machineOf(generated.definition);
      const all = machine.blocks.flatMap(({ states }, block) => [...states.keys()].map((name) => ({ name, block })));
      const { name, block } = all[which % all.length] as (typeof all)[number];
      compare(machine, block, name, Value.ofJson(input), generated.answer);
    }),
    RUNS,
  );
});

it('over generated fields of states in both languages', () => {
  fc.assert(
    fc.property(
      SHAPED_STATES,
      INPUTS,
      fc.constantFrom<Answer>({ output: { r: [1] } }, { error: 'Bad', cause: 'c' }),
      (state, input, answer) => {
        const definition = { StartAt: 'S', States: { S: state, Then: { Type: 'Pass', End: true } } };
        compare(machineOf(definition), 0, 'S', Value.ofJson(input), () => answer);
      },
    ),
    RUNS,
  );
});

const maybe = (field: string, ...values: readonly Json[]): fc.Arbitrary<JsonObject> =>
  fc.constantFrom<JsonObject>({}, ...values.map((value) => ({ [field]: value })));

const JSONPATH_FIELDS: fc.Arbitrary<JsonObject> = fc
  .tuple(
    maybe('InputPath', '$.a', '$.missing', null),
    maybe('Parameters', { 'x.$': '$' }, { 'x.$': '$.b[0]' }, { 'x.$': '$$.State.Name' }),
    maybe('ResultPath', '$.out', '$.a.b', null),
    maybe('OutputPath', '$.out', '$.by', null),
    maybe('Assign', { 'v.$': '$' }, { v: 1 }),
  )
  .map((fields) => Object.assign({}, ...fields) as JsonObject);

const JSONATA_FIELDS: fc.Arbitrary<JsonObject> = fc
  .tuple(
    maybe('Output', '{% $states.input %}', '{% $states.input.by %}', { n: '{% $states.context.State.Name %}' }),
    maybe('Assign', { v: '{% $states.input %}' }),
  )
  .map((fields) => Object.assign({ QueryLanguage: 'JSONata' }, ...fields) as JsonObject);

const HANDLERS: fc.Arbitrary<JsonObject> = fc
  .tuple(
    maybe(
      'Retry',
      [{ ErrorEquals: ['Other'] }],
      [{ ErrorEquals: ['Bad'], MaxAttempts: 0 }],
      [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 7 }],
    ),
    maybe(
      'Catch',
      [{ ErrorEquals: ['States.TaskFailed'], Next: 'Then' }],
      [{ ErrorEquals: ['States.ALL'], Next: 'Then' }],
    ),
  )
  .map((fields) => Object.assign({}, ...fields) as JsonObject);

const SHAPED_STATES: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.oneof(JSONPATH_FIELDS, JSONATA_FIELDS), HANDLERS, fc.boolean())
  .map(([fields, handlers, task]): JsonObject => {
    const end = { Next: 'Then' };
    return task
      ? { Type: 'Task', Resource: WORK, ...fields, ...handlers, ...end }
      : { Type: 'Pass', ...fields, ...end };
  });

function compare(
  machine: Machine,
  block: number,
  name: string,
  input: Value,
  answer: (task: TaskCommand) => Answer,
): void {
  const entered = entering(machine, block, name);
  const answers: Answer[] = [];
  const simulation = new Simulation({
    machine: entered,
    input,
    answer: (task) => {
      const given = answer(task);
      answers.push(given);
      return given;
    },
  });
  const wanted = leftInExecution(simulation, name);
  expect(leftInTest(simulation, entered, name, input, answers[0], wanted)).toEqual(wanted);
}

/** The same machine, which starts at another of its states. */
function entering(machine: Machine, block: number, name: string): Machine {
  const { states } = machine.blocks[block] as Machine['blocks'][number];
  return { ...machine, blocks: [{ startAt: name, states }, ...machine.blocks.slice(1)] };
}

/** Which event entered the state is told of executions only. */
const INTRODUCTION = /An error occurred while executing the state '\w+' \(entered at the event id #\d+\)\. /;

function leftInExecution(simulation: Simulation, name: string): Left {
  for (let next = simulation.next(); next; next = simulation.next()) {
    simulation.take(next);
    const root = simulation.frames.get(ROOT);
    if (root?.waiting.kind === 'retry')
      return { status: 'RETRIABLE', backoff: Math.round((root.waiting.until - simulation.now) / 1000) };
    const { history, execution } = simulation;
    const exited = history.find(({ type, state }) => type.endsWith('StateExited') && state === name);
    if (exited) {
      const following = history.find(({ id, type }) => id > exited.id && type.endsWith('StateEntered'));
      return {
        status: 'LEFT',
        output: exited.value?.text.replace(INTRODUCTION, ''),
        nextState: following?.state ?? null,
      };
    }
    if (execution.status !== 'RUNNING') return { status: execution.status, error: execution.error };
  }
  throw new Error(`The state ${name} is never left`);
}

/** @param wanted of a Map or a Parallel it tells what their children come to */
function leftInTest(
  { execution, frames, now }: Simulation,
  machine: Machine,
  name: string,
  input: Value,
  answer: Answer,
  wanted: Left,
): Left {
  const state = machine.blocks[0]?.states.get(name);
  if (!state) throw new Error(`There is no state ${name}`);
  const { arn, startedAt } = execution;
  const entered = frames.get(ROOT)?.enteredAt ?? startedAt;
  const test = new StateTest({
    state,
    language: 'JSONPath',
    input,
    variables: {},
    context: { State: { Name: name, RetryCount: 0 } },
    retries: 0,
    items: null,
    limits: 'local',
    executionArn: arn,
  });
  const outside = { at: Math.min(entered, now), seed: 0, window: 1 };
  let progress: StateTestProgress = test.start(outside);
  if (progress.kind === 'wait') progress = test.answer({ kind: 'timer' }, { ...outside, at: progress.until });
  if (progress.kind === 'task') {
    const given = state.type === 'Task' ? answer : childrenOf(wanted);
    if (!given) progress = test.answer({ kind: 'timer' }, { ...outside, at: progress.timeoutAt ?? 0 });
    else if ('output' in given)
      progress = test.answer({ kind: 'taskSucceeded', output: Value.ofJson(given.output) }, outside);
    else progress = test.answer({ kind: 'taskFailed', error: given.error, cause: given.cause ?? null }, outside);
  }
  if (progress.kind !== 'ended') throw new Error('The test goes on');
  const { status, output, error, nextState, errorDetails } = progress.result;
  if (status === 'RETRIABLE') return { status, backoff: errorDetails.retryBackoffIntervalSeconds ?? -1 };
  if (status === 'FAILED') return { status, error };
  return { status: 'LEFT', output: output?.text, nextState };
}

/** In generated machines a Map's output is its result, and a caught error is the output. */
function childrenOf(wanted: Left): Answer {
  const output = JSON.parse(wanted.output ?? 'null') as Json;
  if (wanted.status === 'LEFT' && !(isObject(output) && 'Error' in output)) return { output };
  const caught = output as { readonly Error?: string; readonly Cause?: string } | null;
  return { error: caught?.Error ?? wanted.error ?? 'Boom', cause: caught?.Cause ?? null };
}
