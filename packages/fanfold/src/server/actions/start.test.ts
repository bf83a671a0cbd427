/** How long an execution's input may be, in both positions of the switch. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Limits } from '../../interpreter/limits.ts';
import { startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { PASS, statesApi } from '../../testing/states-api.fixture.ts';
import { INPUT_BYTES } from '../limits.ts';

function refusal(most: number): string {
  return `ValidationException: 1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${most}`;
}

describe.each(Object.entries(INPUT_BYTES) as [Limits, number][])('under %s', (limits, most) => {
  let server: TestServer;
  const { good, bad, machine } = statesApi(() => server);
  beforeAll(async () => {
    server = await startTestServer({ limits });
  });
  afterAll(() => server.close());

  /** @param bytes of the JSON text */
  const started = async (bytes: number, letter = 'x'): Promise<Record<string, unknown>> => {
    const stateMachineArn = await machine(PASS);
    const length = (bytes - 2) / Buffer.byteLength(letter);
    return { stateMachineArn, input: `"${letter.repeat(length)}"` };
  };

  it(`takes ${most} bytes, and no more`, async () => {
    await good('StartExecution', (await started(most)) as never);
    expect(await bad('StartExecution', (await started(most + 1)) as never)).toBe(refusal(most));
  });

  it('counts bytes of UTF-8, not characters', async () => {
    await good('StartExecution', (await started(most, 'é')) as never);
    expect(await bad('StartExecution', (await started(most + 2, 'é')) as never)).toBe(refusal(most));
  });
});

describe('by default', () => {
  it('says in the log and in the description what would fail on AWS, and not to AWS tools', async () => {
    const server = await startTestServer();
    const { good, machine } = statesApi(() => server);
    const stateMachineArn = await machine(PASS);
    const { executionArn } = await good('StartExecution', { stateMachineArn, input: `"${'x'.repeat(262_143)}"` });
    expect(server.log).toMatchObject([
      { level: 'warn', message: expect.stringContaining('262144'), fields: { executionArn } },
    ]);
    const shown = await good('DescribeExecution', { executionArn: executionArn as string });
    expect(JSON.stringify(shown)).not.toContain('warnings');
    const { createRemoteExecutions } = await import('../client.ts');
    expect(await createRemoteExecutions(server.url).describe(executionArn as string)).toMatchObject({
      warnings: [{ limit: 'payloadSize', message: expect.stringContaining('began with an input') }],
    });
    await server.close();
  });
});
