/** A file of cases (docs/guides/testing.md): what it may hold, read with the place of everything in it. */
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { formatOfFile, type Pointer, readSource, type Source } from '../../asl/index.ts';
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { StateTestConfiguration } from '../../ports/state-tests.ts';
import { UsageError } from '../exit.ts';

export interface CaseFile {
  /** As it is shown, from the current folder. */
  readonly path: string;
  /** Names a state machine of the project, or a file; relative to this one. */
  readonly machine: { readonly stateMachine: string } | { readonly definition: string };
  readonly cases: readonly Case[];
  /** `file:line:column` of a part. */
  placeOf(pointer: Pointer): string;
}

/** Tests the one state, or follows the machine from a state to its end. */
export interface Case {
  readonly name: string;
  readonly at: Pointer;
  readonly start:
    | { readonly kind: 'state'; readonly state: string }
    | { readonly kind: 'path'; readonly startAt?: string };
  readonly input: Json;
  readonly variables: JsonObject;
  readonly context?: JsonObject;
  /** By the name of the state: what its work comes to, time after time; the last one repeats. */
  readonly mocks: Readonly<Record<string, readonly CaseMock[]>>;
  readonly stateConfiguration?: StateTestConfiguration;
  readonly expect: Expectation;
}

export interface CaseMock {
  readonly result?: Json;
  readonly errorOutput?: { readonly error?: string; readonly cause?: string };
  readonly fieldValidationMode?: 'STRICT' | 'PRESENT' | 'NONE';
}

/** Only what is given is compared. */
export interface Expectation {
  readonly status?: string;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: Json;
  /** null: there is none. */
  readonly nextState?: string | null;
  readonly variables?: JsonObject;
  readonly inspectionData?: JsonObject;
  /** The states that were entered, of a path. */
  readonly path?: readonly string[];
}

/** @throws UsageError that tells each thing that is wrong, with its place */
export async function readCaseFile(file: string): Promise<CaseFile> {
  const path = relative(process.cwd(), resolve(file)) || file;
  const read = await readSource(readFileSync(file, 'utf8'), formatOfFile(file));
  if (!read.ok) {
    const { line, column, message } = read.error;
    throw new UsageError(`${path}:${line ?? 1}:${column ?? 1}: ${message}`);
  }
  const placeOf = placesIn(path, read.value);
  const problems = [...problemsIn(read.value.json, FILE, [])];
  if (problems.length > 0)
    throw new UsageError(problems.map(({ at, message }) => `${placeOf(at)}: ${message}`).join('\nfanfold: '));
  const json = read.value.json as JsonObject;
  const machine =
    json['stateMachine'] === undefined
      ? { definition: resolve(file, '..', json['definition'] as string) }
      : { stateMachine: json['stateMachine'] as string };
  const cases = (json['cases'] as readonly JsonObject[]).map((each, i) => caseOf(each, ['cases', i]));
  return { path, machine, cases, placeOf };
}

/** The place of a part, or of the nearest one around it that has one. */
function placesIn(path: string, source: Source): (pointer: Pointer) => string {
  return (pointer) => {
    for (let length = pointer.length; length >= 0; length--) {
      const position = source.positionOf(pointer.slice(0, length));
      if (position) return `${path}:${position.line}:${position.column}`;
    }
    return path;
  };
}

function caseOf(json: JsonObject, at: Pointer): Case {
  const {
    name,
    state,
    startAt,
    input = {},
    variables = {},
    context,
    mock,
    mocks,
    stateConfiguration,
    expect = {},
  } = json;
  const start =
    state === undefined
      ? { kind: 'path' as const, ...(startAt !== undefined && { startAt }) }
      : { kind: 'state' as const, state };
  const listed = Object.entries((mocks ?? {}) as JsonObject).map(([key, value]) => [
    key,
    isArray(value) ? value : [value],
  ]);
  return {
    name: typeof name === 'string' ? name : `case ${Number(at.at(-1)) + 1}`,
    at,
    start: start as Case['start'],
    input,
    variables: variables as JsonObject,
    ...(context !== undefined && { context: context as JsonObject }),
    mocks: (mock === undefined ? Object.fromEntries(listed) : { [String(state)]: [mock] }) as Case['mocks'],
    ...(stateConfiguration !== undefined && { stateConfiguration: configurationOf(stateConfiguration as JsonObject) }),
    expect: expect as Expectation,
  };
}

/** What an ItemReader reads is text; JSON may stand for it. */
function configurationOf(json: JsonObject): StateTestConfiguration {
  const data = json['mapItemReaderData'];
  if (data === undefined || typeof data === 'string') return json as StateTestConfiguration;
  return { ...json, mapItemReaderData: JSON.stringify(data) } as StateTestConfiguration;
}

interface Problem {
  readonly at: Pointer;
  readonly message: string;
}

type Rule =
  | { readonly what: string; readonly fits: (value: Json) => boolean }
  | { readonly fields: Readonly<Record<string, Rule>>; readonly check?: (value: JsonObject) => string | undefined }
  | { readonly each: Rule }
  | { readonly values: Rule }
  | { readonly oneOrMore: Rule };

const TEXT: Rule = { what: 'a text that is not empty', fits: (value) => typeof value === 'string' && value !== '' };
const ANY_TEXT: Rule = { what: 'a text', fits: (value) => typeof value === 'string' };
const COUNT: Rule = { what: 'a whole number', fits: (value) => Number.isInteger(value) && (value as number) >= 0 };
const OBJECT: Rule = { what: 'an object', fits: isObject };
const ANYTHING: Rule = { what: '', fits: () => true };
const oneOf = (...values: readonly string[]): Rule => ({
  what: `one of ${values.join(', ')}`,
  fits: (value) => values.includes(String(value)),
});

const MOCK: Rule = {
  fields: {
    result: ANYTHING,
    errorOutput: { fields: { error: TEXT, cause: ANY_TEXT } },
    fieldValidationMode: oneOf('STRICT', 'PRESENT', 'NONE'),
  },
};

const CASE: Rule = {
  fields: {
    name: TEXT,
    state: TEXT,
    startAt: TEXT,
    input: ANYTHING,
    variables: OBJECT,
    context: OBJECT,
    mock: MOCK,
    mocks: { values: { oneOrMore: MOCK } },
    stateConfiguration: {
      fields: {
        retrierRetryCount: COUNT,
        errorCausedByState: TEXT,
        mapIterationFailureCount: COUNT,
        mapItemReaderData: ANYTHING,
      },
    },
    expect: {
      fields: {
        status: oneOf('SUCCEEDED', 'FAILED', 'RETRIABLE', 'CAUGHT_ERROR'),
        output: ANYTHING,
        error: TEXT,
        cause: ANYTHING,
        nextState: {
          what: 'the name of a state, or null',
          fits: (value) => value === null || typeof value === 'string',
        },
        variables: OBJECT,
        inspectionData: OBJECT,
        path: { each: TEXT },
      },
    },
  },
  check: (value) => {
    const given = (field: string): boolean => member(value, field) !== undefined;
    const alien = given('state') ? ['startAt', 'mocks'] : ['mock', 'context', 'stateConfiguration'];
    const wrong = alien.find(given);
    if (wrong === undefined) return undefined;
    return given('state')
      ? `'${wrong}' is for cases that follow the machine; this one tests the state '${String(value['state'])}'`
      : `'${wrong}' is for cases that test one state; give its name as 'state', or give 'mocks' by the name of the state`;
  },
};

const FILE: Rule = {
  fields: { stateMachine: TEXT, definition: TEXT, cases: { each: CASE } },
  check: (value) => {
    if ((member(value, 'stateMachine') === undefined) === (member(value, 'definition') === undefined))
      return "give either 'stateMachine' (a name in the project) or 'definition' (the path of a file)";
    return member(value, 'cases') === undefined ? "there are no 'cases'" : undefined;
  },
};

function* problemsIn(value: Json, rule: Rule, at: Pointer): Generator<Problem> {
  const name = at.length === 0 ? 'the file' : `'${String(at.at(-1))}'`;
  if ('fits' in rule) {
    if (!rule.fits(value)) yield { at, message: `${name} must be ${rule.what}, not ${JSON.stringify(value)}` };
  } else if ('oneOrMore' in rule) {
    yield* problemsIn(value, isArray(value) ? { each: rule.oneOrMore } : rule.oneOrMore, at);
  } else if ('each' in rule) {
    if (!isArray(value)) return yield { at, message: `${name} must be a list, not ${JSON.stringify(value)}` };
    for (const [i, item] of value.entries()) yield* problemsIn(item, rule.each, [...at, i]);
  } else if (!isObject(value)) {
    yield { at, message: `${name} must be an object, not ${JSON.stringify(value)}` };
  } else if ('values' in rule) {
    for (const [key, item] of Object.entries(value)) yield* problemsIn(item, rule.values, [...at, key]);
  } else {
    for (const [key, item] of Object.entries(value)) {
      const inner = Object.hasOwn(rule.fields, key) ? rule.fields[key] : undefined;
      if (inner) yield* problemsIn(item, inner, [...at, key]);
      else
        yield {
          at: [...at, key],
          message: `there is no field '${key}' here; there are ${Object.keys(rule.fields).join(', ')}`,
        };
    }
    const wrong = rule.check?.(value);
    if (wrong !== undefined) yield { at, message: wrong };
  }
}
