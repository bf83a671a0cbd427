/** Calls of the Step Functions API on a test server, which must go well or must be refused. */
import { expect } from 'vitest';
import type { JsonObject } from '../json.ts';
import { ROLE, type TestServer } from './server.fixture.ts';

export const PASS: string = '{ "StartAt": "A",\n "States": { "A": { "Type": "Pass", "End": true } } }';
export const FAIL: string = JSON.stringify({
  StartAt: 'F',
  States: { F: { Type: 'Fail', Error: 'Bad', Cause: 'because' } },
});
export const WAIT: string = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 9999, End: true } } });

/** A definition like others, told apart by its comment. */
export function passing(comment: string): string {
  return JSON.stringify({
    Comment: comment,
    StartAt: 'A',
    States: { A: { Type: 'Pass', Result: comment, End: true } },
  });
}

export interface StatesApi {
  /** The answer, which must be none of refusal. */
  good(action: string, params: JsonObject): Promise<JsonObject>;
  /** The refusal, as `Code: message`. */
  bad(action: string, params: JsonObject | string): Promise<string>;
  /** Makes a machine of a name not used before. @returns its ARN */
  machine(definition: string, more?: JsonObject): Promise<string>;
}

/** @param server told when a call is made: it may be started later */
export function statesApi(server: () => TestServer): StatesApi {
  let made = 0;
  const good: StatesApi['good'] = async (action, params) => {
    const { status, body } = await server().call(action, params);
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };
  return {
    good,
    bad: async (action, params) => {
      const { status, headers, body } = await server().call(action, params);
      expect(status, JSON.stringify(body)).toBe(400);
      expect(headers.get('x-amzn-errortype')).toBe(body['__type']);
      return `${String(body['__type'])}: ${String(body['message'])}`;
    },
    machine: async (definition, more = {}) => {
      const name = `machine-${made++}`;
      const { stateMachineArn } = await good('CreateStateMachine', { name, definition, roleArn: ROLE, ...more });
      return stateMachineArn as string;
    },
  };
}
