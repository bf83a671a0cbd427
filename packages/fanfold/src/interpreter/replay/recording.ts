/**
 * A history, read back as what came from outside: for each attempt of a task what it was given and what became of it. An
 * attempt is known by its state, the iterations that it lies in, and its number among the attempts there.
 */
import { isArray, type Json, type JsonObject } from '../../json.ts';
import type { HistoryEvent } from '../history.ts';
import type { Machine } from '../machine.ts';

/** The iterations that a state was in, outermost first. */
export type IterationPath = readonly { readonly map: string; readonly index: number }[];

export interface RecordedAttempt {
  readonly state: string;
  readonly path: IterationPath;
  /** Among the attempts of this state in these iterations, from 1. */
  readonly number: number;
  /** JSON text. */
  readonly parameters: string;
  readonly resource: string | undefined;
  /** Milliseconds since the epoch. */
  readonly scheduledAt: number;
  readonly submitted: { readonly at: number; readonly event: number; readonly output: string } | null;
  /** A worker had taken it: set for tasks of activities. */
  readonly begun: { readonly at: number; readonly event: number; readonly workerName: string | null } | null;
  /** Null when it was never heard of again: it was aborted, or still runs. */
  readonly outcome: RecordedOutcome | null;
}

export type RecordedOutcome = { readonly at: number; readonly event: number } & (
  | { readonly kind: 'succeeded'; readonly output: string }
  | { readonly kind: 'failed'; readonly error: string | null; readonly cause: string | null }
  | { readonly kind: 'timedOut' }
);

export interface Recording {
  /** In ascending order of ids, without gaps. */
  readonly events: readonly HistoryEvent[];
  /** By {@link placeOf}, in their order. */
  readonly attempts: ReadonlyMap<string, readonly RecordedAttempt[]>;
}

/** Names a state in its iterations. */
export function placeOf(state: string, path: IterationPath): string {
  return JSON.stringify([state, ...path.map(({ map, index }) => [map, index])]);
}

type Draft = { -readonly [K in keyof RecordedAttempt]: RecordedAttempt[K] };

/** The line of control that an event belongs to. */
interface Line {
  readonly state: string;
  readonly path: IterationPath;
  readonly attempt: Draft | undefined;
}

const START: Line = { state: '', path: [], attempt: undefined };

/**
 * @param events the whole history, in AWS's shape
 * @param machineAt what an event was recorded with
 * @throws Error when events are missing
 */
export function readRecording(events: readonly HistoryEvent[], machineAt: (eventId: number) => Machine): Recording {
  const lines = new Map<number, Line>();
  const attempts = new Map<string, Draft[]>();
  for (const [i, event] of events.entries()) {
    if (event.id !== i + 1) throw new Error(`The history has no event ${i + 1}: it can only be replayed whole.`);
    lines.set(event.id, lineOf(event, lines.get(event.previousEventId) ?? START, machineAt(event.id), attempts));
  }
  return { events, attempts };
}

function lineOf(event: HistoryEvent, before: Line, machine: Machine, attempts: Map<string, Draft[]>): Line {
  const details = detailsOf(event);
  if (event.type.endsWith('StateEntered') || event.type.endsWith('StateExited')) {
    const state = String(details['name']);
    const maps = mapsAround(machine).get(state) ?? [];
    return { state, path: before.path.filter(({ map }) => maps.includes(map)), attempt: undefined };
  }
  if (event.type === 'MapIterationStarted') {
    const map = String(details['name']);
    const maps = mapsAround(machine).get(map) ?? [];
    const around = before.path.filter((step) => maps.includes(step.map));
    return { state: map, path: [...around, { map, index: Number(details['index']) }], attempt: undefined };
  }
  const [, moment] =
    /^(?:LambdaFunction|Task|Activity)(Scheduled|Started|Submitted|Succeeded|Failed|TimedOut)$/.exec(event.type) ?? [];
  if (moment === 'Scheduled') return { ...before, attempt: scheduled(event, details, before, machine, attempts) };
  if (moment !== undefined && before.attempt) note(before.attempt, moment, event, details);
  return before;
}

function scheduled(
  event: HistoryEvent,
  details: JsonObject,
  { state, path }: Line,
  machine: Machine,
  attempts: Map<string, Draft[]>,
): Draft {
  const place = placeOf(state, path);
  const others = attempts.get(place) ?? [];
  const attempt: Draft = {
    state,
    path,
    number: others.length + 1,
    parameters: String(details['parameters'] ?? details['input'] ?? 'null'),
    resource: machine.resources.get(state)?.arn,
    scheduledAt: Number(event.timestamp),
    submitted: null,
    begun: null,
    outcome: null,
  };
  attempts.set(place, [...others, attempt]);
  return attempt;
}

function note(attempt: Draft, moment: string, event: HistoryEvent, details: JsonObject): void {
  const when = { at: Number(event.timestamp), event: event.id };
  const output = String(details['output'] ?? 'null');
  if (moment === 'Started') {
    const { workerName } = details;
    if (event.type === 'ActivityStarted')
      attempt.begun = { ...when, workerName: typeof workerName === 'string' ? workerName : null };
  } else if (moment === 'Submitted') attempt.submitted = { ...when, output };
  else if (moment === 'Succeeded') attempt.outcome = { ...when, kind: 'succeeded', output };
  else if (moment === 'TimedOut') attempt.outcome = { ...when, kind: 'timedOut' };
  else attempt.outcome = { ...when, kind: 'failed', ...failureOf(details) };
}

export function failureOf(details: JsonObject): { readonly error: string | null; readonly cause: string | null } {
  const { error, cause } = details;
  return { error: typeof error === 'string' ? error : null, cause: typeof cause === 'string' ? cause : null };
}

/** The one member of an event that holds its details. */
export function detailsOf(event: HistoryEvent): JsonObject {
  const details: Json | undefined = Object.entries(event).find(([name]) => name.endsWith('EventDetails'))?.[1];
  return typeof details === 'object' && details !== null && !isArray(details) ? details : {};
}

const AROUND = new WeakMap<Machine, ReadonlyMap<string, readonly string[]>>();

/** The Maps that each state lies in, by its name, which it has alone in its machine. */
function mapsAround(machine: Machine): ReadonlyMap<string, readonly string[]> {
  const known = AROUND.get(machine);
  if (known) return known;
  const around = new Map<string, readonly string[]>();
  const visit = (block: number, maps: readonly string[]): void => {
    for (const [name, state] of machine.blocks[block]?.states ?? []) {
      around.set(name, maps);
      if (state.type === 'Map') visit(state.processor, [...maps, name]);
      else if (state.type === 'Parallel') for (const branch of state.branches) visit(branch, maps);
    }
  };
  visit(0, []);
  AROUND.set(machine, around);
  return around;
}
