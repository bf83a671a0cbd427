/** TestState in this process: real services, functions in line, a clock that lets no time pass while it waits. */
import type { Json, JsonObject } from '../json.ts';
import type { Clock } from '../ports/clock.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Services } from '../ports/services.ts';
import type { StateTests } from '../ports/state-tests.ts';
import { createStateTests } from '../runtimes/state-tests/state-tests.ts';
import type { ActionContext } from '../server/actions/action.ts';
import { stateTestActions } from '../server/actions/state-tests.ts';
import { parseFunctionName } from '../services/lambda/function-name.ts';
import { createLambdaService } from '../services/lambda/service.ts';
import { createServices } from '../services/registry.ts';
import { createResponseShapes } from '../services/response-shapes/response-shapes.ts';
import { type FakeFunction, functionsOf, PLACE } from './server.fixture.ts';

/** 2030-01-01T00:00:00Z. */
const STARTED_AT = Date.UTC(2030, 0, 1);

export interface StateTestsFixture {
  readonly functions?: Readonly<Record<string, FakeFunction>>;
  /** @defaultValue lambda, with the functions */
  readonly services?: Services;
}

export function stateTests({ functions = {}, services }: StateTestsFixture = {}): StateTests {
  const { invoke, ...rest } = functionsOf(functions);
  const named = {
    ...rest,
    close: async () => {},
    invoke: (params: Parameters<typeof invoke>[0]) =>
      invoke({ ...params, functionName: parseFunctionName(params.functionName)?.name ?? '' }),
  };
  const registry = services ?? createServices({ lambda: createLambdaService(named, { invokeLater: () => {} }) });
  return createStateTests({
    services: () => registry,
    clock: leapingClock(),
    seed: () => 1,
    responseShapes: createResponseShapes(),
    ...PLACE,
  });
}

/** An answer of the API, or its refusal. */
export type Answered =
  | { readonly response: JsonObject }
  | { readonly apiError: { readonly code: string; readonly message: string } };

/** Calls the action as the server does. */
export async function testState(request: JsonObject, tests: StateTests): Promise<Answered> {
  try {
    const context = { executions: tests } as unknown as ActionContext;
    const response = (await stateTestActions('local')['TestState']?.(request, context)) ?? {};
    return { response: JSON.parse(JSON.stringify(response)) as JsonObject };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { apiError: { code: error.code, message: error.message } };
  }
}

/** Time stands still, but for those who wait: the first of them is woken at its time when all else has had its turn. */
export function leapingClock(start: number = STARTED_AT): Clock {
  let now = start;
  return {
    now: () => now,
    wake: (at, run) => {
      const immediate = setTimeout(() => {
        now = Math.max(now, at);
        run();
      }, 50);
      return () => clearTimeout(immediate);
    },
    soon: (run) => void setImmediate(run),
  };
}

/** JSON texts parsed, as far as they are such. */
export function parsed(text: Json | undefined): Json | undefined {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
