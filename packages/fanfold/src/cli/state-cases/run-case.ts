/** Runs one case: a state, or a path from state to state until the machine ends. */
import type { Pointer } from '../../asl/index.ts';
import type { Json, JsonObject } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { StateTestRequest, StateTests, TestedState } from '../../ports/state-tests.ts';
import type { Case, CaseMock } from './case-file.ts';
import { differences } from './differences.ts';
import type { MachineUnderTest } from './machine.ts';

export interface CaseResult {
  /** The states that were tested, in their order. */
  readonly entered: readonly string[];
  /** Nothing, when it passed. */
  readonly problems: readonly CaseProblem[];
}

export interface CaseProblem {
  /** In the file of the case. */
  readonly at: Pointer;
  readonly message: string;
}

/** A path that visits more states has no end. */
const MOST_VISITS = 1000;

export async function runCase(each: Case, machine: MachineUnderTest, tests: StateTests): Promise<CaseResult> {
  const entered: string[] = [];
  const run = each.start.kind === 'state' ? one(each, machine, tests) : path(each, machine, tests);
  for (;;) {
    try {
      const { value, done } = await run.next();
      if (done) return { entered, problems: [...compare(each, value, entered)] };
      entered.push(value);
    } catch (error) {
      if (!(error instanceof CaseError)) throw error;
      return { entered, problems: [{ at: error.at, message: error.message }] };
    }
  }
}

/** Why a case cannot be run to its end. */
class CaseError extends Error {
  override readonly name = 'CaseError';
  readonly at: Pointer;

  constructor(at: Pointer, message: string) {
    super(message);
    this.at = at;
  }
}

/** Yields the states that were tested, and returns what the last one came to. */
type Running = AsyncGenerator<string, TestedState>;

async function* one(each: Case, machine: MachineUnderTest, tests: StateTests): Running {
  const { start, stateConfiguration, context, at } = each;
  const state = start.kind === 'state' ? start.state : '';
  const place = [...at, 'mock'];
  const tested = await testState(tests, place, {
    ...requestOf(each, machine, state, 0, place),
    ...(context && { context: JSON.stringify(context) }),
    ...(stateConfiguration && { stateConfiguration }),
  });
  yield state;
  return tested;
}

async function* path(each: Case, machine: MachineUnderTest, tests: StateTests): Running {
  const { start, at } = each;
  let state = (start.kind === 'path' && start.startAt) || machine.startAt;
  let { input, variables } = each;
  let retries = 0;
  const visits = new Map<string, number>();
  for (let visited = 0; visited < MOST_VISITS; visited++) {
    const visit = visits.get(state) ?? 0;
    visits.set(state, visit + 1);
    const place = [...at, 'mocks', state];
    const request = requestOf({ ...each, input, variables }, machine, state, visit, place);
    const tested = await testState(tests, place, {
      ...request,
      ...(request.mock && { stateConfiguration: { retrierRetryCount: retries } }),
    });
    yield state;
    if (tested.status === 'RETRIABLE') {
      retries += 1;
      continue;
    }
    if (tested.nextState === undefined) return tested;
    retries = 0;
    state = tested.nextState;
    input = parse(tested.output) ?? null;
    variables = (parse(tested.inspectionData['variables']) ?? {}) as JsonObject;
  }
  throw new CaseError(at, `The path still goes on after ${MOST_VISITS} states`);
}

async function testState(tests: StateTests, place: Pointer, request: StateTestRequest): Promise<TestedState> {
  try {
    return await tests.testState(request);
  } catch (error) {
    if (error instanceof ServiceError) throw new CaseError(place, error.message);
    throw error;
  }
}

/** @throws CaseError when the state's work has no mock */
function requestOf(
  { input, variables, mocks }: Pick<Case, 'input' | 'variables' | 'mocks'>,
  machine: MachineUnderTest,
  state: string,
  visit: number,
  place: Pointer,
): StateTestRequest {
  const mock = Object.hasOwn(mocks, state) ? (mocks[state]?.[visit] ?? mocks[state]?.at(-1)) : undefined;
  const type = machine.states.get(state);
  if (!mock && type !== undefined && NEED_MOCKS.includes(type))
    throw new CaseError(
      place,
      `The state '${state}' is a ${type}: say with a mock (result or errorOutput) what its work comes to`,
    );
  return {
    definition: machine.text,
    stateName: state,
    input: JSON.stringify(input),
    variables: JSON.stringify(variables),
    ...(mock && { mock: mockOf(mock) }),
  };
}

const NEED_MOCKS: readonly string[] = ['Task', 'Map', 'Parallel'];

function mockOf({ result, ...rest }: CaseMock): NonNullable<StateTestRequest['mock']> {
  return { ...rest, ...(result !== undefined && { result: JSON.stringify(result) }) };
}

function* compare({ at, expect }: Case, tested: TestedState, entered: readonly string[]): Generator<CaseProblem> {
  const { status, error, inspectionData } = tested;
  const actual: Readonly<Record<string, Json | undefined>> = {
    status,
    error,
    output: parse(tested.output),
    cause: typeof expect.cause === 'string' ? tested.cause : parse(tested.cause),
    nextState: tested.nextState ?? null,
    variables: parse(inspectionData['variables']) ?? {},
    path: entered,
  };
  const expected: Readonly<Record<string, Json | undefined>> = {
    // A case that says nothing of an error wants none.
    ...(expect.error === undefined && { status: 'SUCCEEDED' }),
    ...(expect as JsonObject),
  };
  for (const [field, wanted] of Object.entries(expected)) {
    const place = [...at, 'expect', field];
    if (field === 'inspectionData') {
      for (const [stage, value] of Object.entries(wanted as JsonObject))
        for (const message of differences(value, parse(inspectionData[stage]), stage))
          yield { at: [...place, stage], message };
    } else for (const message of differences(wanted, actual[field], field)) yield { at: place, message };
  }
  if (status === 'FAILED' && (expected['status'] ?? status) !== status)
    yield { at, message: `it failed with ${error ?? 'no error name'}: ${tested.cause ?? 'no cause'}` };
}

/** JSON text as JSON; any other text as it is. */
function parse(text: Json | undefined): Json | undefined {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
