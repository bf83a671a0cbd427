import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { PASS, statesApi } from '../../testing/states-api.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
const { good, bad } = statesApi(() => server);
const validate = (definition: string, more: JsonObject = {}): Promise<JsonObject> =>
  good('ValidateStateMachineDefinition', { definition, ...more });

describe('validating a definition', () => {
  it('finds nothing wrong with a good one', async () => {
    expect(await validate(PASS)).toEqual({ result: 'OK', diagnostics: [], truncated: false });
  });

  it('tells what is wrong, and where', async () => {
    expect(await validate('{}')).toEqual({
      result: 'FAIL',
      diagnostics: [
        {
          severity: 'ERROR',
          code: 'SCHEMA_VALIDATION_FAILED',
          message: 'These fields are required: [States, StartAt]',
          location: '/',
        },
      ],
      truncated: false,
    });
    expect(await validate('nothing')).toMatchObject({
      result: 'FAIL',
      diagnostics: [{ code: 'INVALID_JSON_DESCRIPTION' }],
    });
  });

  it('shows as many as are wanted, and says that there are more', async () => {
    const States = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`S${i}`, { Type: 'Nothing' }]));
    const definition = JSON.stringify({ StartAt: 'S0', States });
    const { diagnostics, truncated } = await validate(definition, { maxResults: 2 });
    expect(diagnostics).toHaveLength(2);
    expect(truncated).toBe(true);
    expect(await validate(definition, { maxResults: 0 })).toMatchObject({ truncated: false });
    expect(await bad('ValidateStateMachineDefinition', { definition, maxResults: 101 })).toMatch(
      /less than or equal to 100$/,
    );
  });

  it('is for EXPRESS machines where that is said', async () => {
    const task = { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', End: true };
    const definition = JSON.stringify({
      StartAt: 'T',
      States: { T: { ...task, Parameters: { QueueUrl: 'q', MessageBody: 'b' } } },
    });
    expect(await validate(definition)).toMatchObject({ result: 'OK' });
    expect(await validate(definition, { type: 'EXPRESS' })).toMatchObject({ result: 'FAIL' });
  });
});
