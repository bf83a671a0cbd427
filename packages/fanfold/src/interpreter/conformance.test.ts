/**
 * Executions recorded on AWS Step Functions, run in this process. The recordings are not part of this repository: they are
 * read from the folder that FANFOLD_CASES names, or from `shared/conformance` beside the checkout, and left out without it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatFindings } from '../asl/finding.ts';
import { parseDefinition } from '../asl/parse.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { type Answer, Simulation, STARTED_AT, type TaskCommand } from '../testing/simulate.fixture.ts';
import { compileMachine } from './compile.ts';
import { renderEvent } from './history.ts';
import type { Machine } from './machine.ts';
import { Value } from './value.ts';

interface Recorded {
  readonly id: string;
  readonly kind: string;
  readonly mode?: string;
  readonly needs: readonly string[];
  readonly definition?: Json;
  readonly definition_text?: string;
  readonly input?: string | null;
  readonly relative_time?: { readonly base_epoch: number };
  readonly expected: { readonly history?: readonly RecordedEvent[] };
}

interface RecordedEvent extends JsonObject {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
}

interface Comparison {
  readonly pass: boolean;
  readonly diffs?: readonly string[];
}

/** What is not as AWS recorded it, and why. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ['test_max_concurrency_path_negative', 'AWS never ends the execution; a negative MaxConcurrencyPath fails here'],
  [
    'test_reference_in_map_state[MAP_STATE_REFERENCE_IN_MAX_CONCURRENCY_PATH]',
    'the recorder parsed the texts of outputs into numbers; AWS sends texts',
  ],
  ['test_parallel_state_lambda', 'its branches have lost their event ids, so that outcomes cannot be told apart'],
  ['test_lambda_service_invoke_with_retry_extended_input', 'recorded before the context object had a RedriveCount'],
]);

/** What a recording needs besides the outcomes of its tasks. */
const OUT_OF_REACH: readonly string[] = ['activities', 'client-calls', 'task-token'];

/** Parts of the language that this version refuses, as its findings name them. */
const NOT_SUPPORTED: readonly RegExp[] = [/is not there yet/];

const FOLDER = process.env.FANFOLD_CASES ?? join(import.meta.dirname, '../../../../../shared/conformance');
const found = existsSync(join(FOLDER, 'open.jsonl'));
if (!found) console.log(`The executions recorded on AWS are left out: there is no open.jsonl in ${FOLDER}`);

describe.skipIf(!found)('executions recorded on AWS', async () => {
  if (!found) return;
  const { compare } = (await import(pathToFileURL(join(FOLDER, 'compare.mjs')).href)) as {
    compare: (recorded: Recorded, actual: unknown) => Comparison;
  };
  const refusals: string[] = [];
  const cases = readFileSync(join(FOLDER, 'open.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded)
    .filter(
      (recorded) =>
        recorded.kind === 'execution' &&
        recorded.mode !== 'sync' &&
        (recorded.needs.length === 0 || recorded.expected.history !== undefined) &&
        !recorded.needs.some((need) => OUT_OF_REACH.includes(need)),
    );
  const supported = cases.flatMap((recorded) => {
    const machine = compile(recorded, refusals);
    // The children of a map run are executions: runtimes/map-runs/conformance.test.ts runs them.
    return machine && !isDistributed(machine) ? [{ recorded, machine }] : [];
  });

  it('is refused only for what is known not to be supported', () => {
    expect(refusals.filter((refusal) => !NOT_SUPPORTED.some((reason) => reason.test(refusal)))).toEqual([]);
  });

  it('runs most of them', () => {
    expect(supported.length).toBeGreaterThanOrEqual(440);
  });

  for (const { recorded, machine } of supported) {
    const name = recorded.id.split('::').at(-1) ?? recorded.id;
    const reason = DIFFERENT.get(name);
    const test = (): void => expect(compare(recorded, actualOf(recorded, machine)).diffs ?? []).toEqual([]);
    if (reason === undefined) it(recorded.id, test);
    else it.fails(`${recorded.id} (${reason})`, test);
  }
});

function isDistributed({ blocks }: Machine): boolean {
  return blocks.some(({ states }) => [...states.values()].some((state) => state.type === 'Map' && state.distributed));
}

function compile(recorded: Recorded, refusals: string[]): Machine | undefined {
  const parsed = parseDefinition(recorded.definition_text ?? JSON.stringify(recorded.definition));
  const compiled = parsed.ok ? compileMachine(parsed.value) : parsed;
  if (compiled.ok) return compiled.value;
  refusals.push(`${recorded.id}\n${formatFindings(compiled.error)}`);
  return undefined;
}

function actualOf(recorded: Recorded, machine: Machine): Json {
  const simulation = new Simulation({
    machine,
    limits: 'aws',
    input: Value.parse(recorded.input ?? '{}'),
    startedAt: recorded.relative_time ? Math.round(recorded.relative_time.base_epoch * 1000) : STARTED_AT,
    answer: answersOf(recorded.expected.history ?? []),
  }).run();
  const { status, output, error, cause } = simulation.execution;
  const actual = {
    status,
    output: output?.text,
    error: error ?? undefined,
    cause: cause ?? undefined,
    history: simulation.history.map((event) => renderEvent(event, (state) => machine.resources.get(state))),
  };
  return JSON.parse(JSON.stringify(actual)) as Json;
}

/** Answers tasks as the recording says they ended: by the name of their state, in order. */
function answersOf(history: readonly RecordedEvent[]): (task: TaskCommand) => Answer {
  const events = new Map(history.map((event) => [event.id, event]));
  const answers = new Map<string, Answer[]>();
  const only = onlyTask(history);
  let submitted: Json | undefined;
  for (const event of history) {
    const outcome = /^(?:LambdaFunction|Task)(Succeeded|Failed|TimedOut|Submitted)$/.exec(event.type)?.[1];
    const state = outcome === undefined ? undefined : (stateOf(event, events) ?? only);
    if (state === undefined) continue;
    const details = detailsOf(event);
    if (outcome === 'Submitted') {
      submitted = jsonOf(details.output);
      continue;
    }
    const answer = answerOf(outcome, details);
    answers.set(state, [
      ...(answers.get(state) ?? []),
      answer && submitted !== undefined ? { ...answer, submitted } : answer,
    ]);
    submitted = undefined;
  }
  return ({ state }) => answers.get(state)?.shift();
}

function answerOf(outcome: string | undefined, { output, error, cause }: JsonObject): Answer {
  if (outcome === 'TimedOut') return undefined;
  if (outcome === 'Succeeded') return { output: jsonOf(output) };
  // The recorder parsed what looks like an object; a cause is text.
  const text = cause === undefined || typeof cause === 'string' ? (cause ?? null) : JSON.stringify(cause);
  return { error: String(error ?? ''), cause: text };
}

function stateOf(event: RecordedEvent, events: ReadonlyMap<number, RecordedEvent>): string | undefined {
  for (let at: RecordedEvent | undefined = event; at; at = events.get(at.previousEventId))
    if (at.type === 'TaskStateEntered') return String(detailsOf(at).name);
  return undefined;
}

/** The recorder took the ids from the events of some branches: an outcome is then that of the one Task there is. */
function onlyTask(history: readonly RecordedEvent[]): string | undefined {
  const names = new Set(
    history.filter(({ type }) => type === 'TaskStateEntered').map((event) => String(detailsOf(event).name)),
  );
  return names.size === 1 ? [...names][0] : undefined;
}

function detailsOf(event: RecordedEvent): JsonObject {
  const details = Object.entries(event).find(([key]) => key.endsWith('EventDetails'))?.[1];
  return details !== undefined && isObject(details) ? details : {};
}

function jsonOf(recorded: Json | undefined): Json {
  if (typeof recorded !== 'string') return recorded ?? null;
  try {
    return JSON.parse(recorded) as Json;
  } catch {
    return recorded;
  }
}
