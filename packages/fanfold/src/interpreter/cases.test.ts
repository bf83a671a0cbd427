/**
 * The language as data: every file of test/cases is a definition, an input, the outcomes of its tasks, and what must come
 * of it. Tasks are answered by the name of their state or their resource, in order; the last answer repeats, and an empty
 * list never answers. `expect.seconds` gives, by event type, the seconds since the start at which such events happened;
 * `expect.previous` the previous event's id of each event; `expect.details`, by event id, what else the event says.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { type Answer, machineOf, Simulation, STARTED_AT, type TaskCommand } from '../testing/simulate.fixture.ts';
import { type HistoryRecord, renderEvent } from './history.ts';
import { Value } from './value.ts';

interface LanguageCase {
  readonly comment: string;
  readonly definition: Json;
  readonly input?: Json;
  /** The input as text, where its white space matters. */
  readonly inputText?: string;
  readonly tasks?: Readonly<Record<string, readonly NonNullable<Answer>[]>>;
  readonly expect: {
    readonly status: string;
    readonly output?: Json;
    readonly outputText?: string;
    readonly error?: string;
    readonly cause?: string;
    readonly events?: readonly string[];
    readonly previous?: readonly number[];
    readonly details?: Readonly<Record<string, Json>>;
    readonly seconds?: Readonly<Record<string, readonly number[]>>;
    /** What tasks were given, by state, in order. */
    readonly parameters?: Readonly<Record<string, readonly Json[]>>;
  };
}

const ROOT = join(import.meta.dirname, '../../../../test/cases');

/** Cases of another kind, with a test of their own (runtimes/state-tests). */
const OTHERS: readonly string[] = ['test-state'];

for (const group of readdirSync(ROOT).filter((name) => !OTHERS.includes(name))) {
  describe(group, () => {
    for (const file of readdirSync(join(ROOT, group))) {
      const data = JSON.parse(readFileSync(join(ROOT, group, file), 'utf8')) as LanguageCase;
      it(`${file}: ${data.comment}`, () => check(data));
    }
  });
}

function check(data: LanguageCase): void {
  const parameters: Record<string, Json[]> = {};
  const answer = answersFrom(data.tasks ?? {});
  const machine = machineOf(data.definition as object);
  const simulation = new Simulation({
    machine,
    input: data.inputText === undefined ? Value.ofText(JSON.stringify(data.input ?? {})) : Value.parse(data.inputText),
    answer: (task) => {
      parameters[task.state] = [...(parameters[task.state] ?? []), task.parameters.json];
      return answer(task);
    },
  }).run();
  const { status, output, error, cause } = simulation.execution;
  const seconds = (type: string): number[] =>
    simulation.history.filter((event) => event.type === type).map((event) => (event.at - STARTED_AT) / 1000);
  const detailsOf = (id: number): Json => {
    const event = renderEvent(simulation.history[id - 1] as HistoryRecord, (state) => machine.resources.get(state));
    return Object.entries(event).find(([key]) => key.endsWith('EventDetails'))?.[1] as Json;
  };
  const actual = {
    status,
    output: output?.json,
    outputText: output?.text,
    error: error ?? undefined,
    cause: cause ?? undefined,
    events: simulation.history.map((event) => event.type),
    previous: simulation.history.map((event) => event.previous),
    details: Object.fromEntries(Object.keys(data.expect.details ?? {}).map((id) => [id, detailsOf(Number(id))])),
    seconds: Object.fromEntries(Object.keys(data.expect.seconds ?? {}).map((type) => [type, seconds(type)])),
    parameters: Object.fromEntries(
      Object.keys(data.expect.parameters ?? {}).map((state) => [state, parameters[state]]),
    ),
  };
  // What is undefined counts as absent: an output, error or cause that the case does not name must not be there.
  const fields = new Set(['status', 'error', 'cause', ...Object.keys(data.expect)]);
  if (data.expect.outputText === undefined) fields.add('output');
  const compared = Object.fromEntries(Object.entries(actual).filter(([field]) => fields.has(field)));
  expect(compared).toEqual(data.expect);
}

function answersFrom(tasks: NonNullable<LanguageCase['tasks']>): (task: TaskCommand) => Answer {
  const used = new Map<string, number>();
  return (task) => {
    const key = Object.hasOwn(tasks, task.state) ? task.state : task.resource;
    const answers = tasks[key];
    if (!answers) throw new Error(`The case has no answer for the task '${task.state}' (${task.resource})`);
    const at = used.get(key) ?? 0;
    used.set(key, at + 1);
    return answers[Math.min(at, answers.length - 1)];
  };
}
