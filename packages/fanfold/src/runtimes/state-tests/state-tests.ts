/**
 * TestState: one state is entered with an input, does its work (or is told what that came to), and is left. Nothing is
 * stored, and nothing goes on after that.
 */
import type { Limits } from '../../interpreter/limits.ts';
import type { StateTestParams, StateTestResult } from '../../interpreter/test-state.ts';
import { Value } from '../../interpreter/value.ts';
import { isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { HttpExchange } from '../../ports/services.ts';
import type { ResponseShapes, StateTestRequest, StateTests, TestedState } from '../../ports/state-tests.ts';
import { parseInput } from '../execution-input.ts';
import { defaultContext, parseContext } from './context.ts';
import { readMock, refusal } from './mock.ts';
import { itemsFrom } from './reader-data.ts';
import { Run, type RunOptions } from './run.ts';
import { findSubject, type Subject } from './subject.ts';

export interface StateTestsOptions extends RunOptions {
  readonly region: string;
  readonly account: string;
  /** Whose limits the tested state is held to. @defaultValue local */
  readonly limits?: Limits;
  /** What mocked results are held against; without it they are taken as they are. */
  readonly responseShapes?: ResponseShapes;
}

export interface ClosableStateTests extends StateTests {
  /** Gives up the tests that still wait; who asked for them is refused. */
  close(): void;
}

export function createStateTests(options: StateTestsOptions): ClosableStateTests {
  const open = new Set<() => void>();
  return {
    close: () => {
      for (const giveUp of open) giveUp();
    },
    testState: async (request) => {
      const subject = findSubject(request.definition, request.stateName);
      const mocked = await readMock(request, subject, options.responseShapes);
      const input = parseInput(request.input ?? '{}', options.limits ?? 'local');
      const params = await paramsOf(request, subject, input, options);
      const run = new Run(params, options, open, request.revealSecrets ?? false);
      const result = await run.finish(mocked && { mocked, request, subject });
      return shown(result, params, run.exchange);
    },
  };
}

async function paramsOf(
  { context, variables, roleArn, stateConfiguration }: StateTestRequest,
  subject: Subject,
  input: Value,
  { clock, region, account, limits = 'local' }: StateTestsOptions,
): Promise<StateTestParams> {
  const retries = stateConfiguration?.retrierRetryCount ?? 0;
  const made = defaultContext({ subject, input, roleArn, retryCount: retries, at: clock.now(), region, account });
  const reader = member(subject.fields, 'ItemReader');
  return {
    state: subject.state,
    language: subject.language,
    input,
    variables: parseVariables(variables ?? '{}'),
    context: context === undefined ? made : parseContext(context, subject),
    retries,
    items:
      reader !== undefined && isObject(reader) ? await itemsOf(reader, stateConfiguration?.mapItemReaderData) : null,
    limits,
    executionArn: (made['Execution'] as { Id: string }).Id,
  };
}

async function itemsOf(reader: JsonObject, data: string | undefined): Promise<StateTestParams['items']> {
  if (data === undefined)
    throw refusal('ItemReader data must be specified when testing a Map state with ItemReader specified.');
  const { items, pointed } = await itemsFrom(reader, data);
  return { value: Value.ofJson(items), pointed: pointed === undefined ? null : Value.ofJson(pointed) };
}

function parseVariables(text: string): JsonObject {
  try {
    const json = JSON.parse(text) as Json;
    if (isObject(json)) return json;
  } catch {
    // Said below.
  }
  throw refusal('Variables must be a valid JSON object');
}

function shown(result: StateTestResult, { input }: StateTestParams, exchange: HttpExchange | undefined): TestedState {
  const { status, output, error, cause, nextState, inspection, variables, errorDetails } = result;
  return {
    status,
    ...(output && { output: output.text }),
    ...(error !== null && { error }),
    ...(cause !== null && { cause }),
    ...(nextState !== null && { nextState }),
    inspectionData: {
      input: input.text,
      ...inspection,
      ...(Object.keys(variables).length > 0 && { variables: JSON.stringify(variables) }),
      ...(exchange?.request && { request: { ...exchange.request } }),
      ...(exchange?.response && { response: { ...exchange.response } }),
      ...(Object.keys(errorDetails).length > 0 && { errorDetails: { ...errorDetails } }),
    },
  };
}
