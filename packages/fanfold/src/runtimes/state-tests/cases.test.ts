/**
 * TestState as data: every file of test/cases/test-state has requests, with JSON where the API takes JSON text, and what
 * must come of each: the answer (its texts as JSON; only the members that are given count), or a refusal.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { FakeFunction } from '../../testing/server.fixture.ts';
import { parsed, stateTests, testState } from '../../testing/state-tests.fixture.ts';

interface StateCase {
  readonly it: string;
  readonly request: JsonObject;
  readonly expect?: JsonObject;
  /** The inspection data, whole. */
  readonly inspect?: JsonObject;
  /** `Code: message`, or the code alone. */
  readonly refused?: string;
}

const FUNCTIONS: Readonly<Record<string, FakeFunction>> = {
  echo: (event) => event,
  throws: () => ({ kind: 'threw', errorType: 'Broken', errorMessage: 'it broke', stackTrace: [] }),
  hangs: () => new Promise<never>(() => {}),
};

const ROOT = join(import.meta.dirname, '../../../../../test/cases/test-state');

for (const file of readdirSync(ROOT)) {
  const cases = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as readonly StateCase[];
  describe(file, () => {
    it.each(cases.map((each): [string, StateCase] => [each.it, each]))('%s', (_, each) => check(each));
  });
}

async function check({ request, expect: wanted, inspect, refused }: StateCase): Promise<void> {
  const answered = await testState(sent(request), stateTests({ functions: FUNCTIONS }));
  if (refused !== undefined) {
    const { code, message } = (answered as { readonly apiError: { readonly code: string; readonly message: string } })
      .apiError;
    expect(refused.includes(': ') ? `${code}: ${message}` : code).toBe(refused);
    return;
  }
  expect(answered).toHaveProperty('response');
  const { response } = answered as { readonly response: JsonObject };
  for (const [name, value] of Object.entries(wanted ?? {}))
    expect([name, parsed(response[name]) ?? null]).toEqual([name, value]);
  if (!wanted || !('output' in wanted)) expect(response).not.toHaveProperty('output');
  if (!wanted || !('nextState' in wanted)) expect(response).not.toHaveProperty('nextState');
  if (inspect) expect(texts(response['inspectionData'])).toEqual(inspect);
}

/** Members that the API takes as JSON text. */
const TEXTS: readonly string[] = ['definition', 'input', 'variables', 'context'];

function sent(request: JsonObject): JsonObject {
  const members = Object.entries(request).map(([name, value]): [string, Json] => [
    name,
    TEXTS.includes(name) && typeof value !== 'string' ? JSON.stringify(value) : value,
  ]);
  const { mock } = request;
  const result = mock !== undefined && isObject(mock) ? mock['result'] : undefined;
  const text = typeof result === 'string' || result === undefined ? {} : { result: JSON.stringify(result) };
  return { ...Object.fromEntries(members), ...(mock !== undefined && { mock: { ...(mock as JsonObject), ...text } }) };
}

function texts(data: Json | undefined): JsonObject {
  const entries = isObject(data) ? Object.entries(data) : [];
  return Object.fromEntries(entries.map(([name, value]) => [name, parsed(value) ?? null]));
}
