/**
 * Bad and hostile requests to the API. They are not part of this repository: they are read from the folder `../hostile`
 * beside the one that FANFOLD_CASES names, or from `shared/hostile` beside the checkout, and left out without it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { PLACE, ROLE, startTestServer, type TestServer } from '../testing/server.fixture.ts';
import { WAIT } from '../testing/states-api.fixture.ts';

interface Item {
  readonly id: string;
  readonly area: string;
  readonly path: string;
  readonly expect: {
    readonly verdict: 'accept' | 'reject' | 'safe';
    /** One, or several with a slash between them. */
    readonly status?: number | string;
    readonly __type?: string;
    readonly detail?: string;
  };
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  readonly rawBody?: string;
}

const FOLDER = join(
  process.env.FANFOLD_CASES ?? join(import.meta.dirname, '../../../../../shared/conformance'),
  '../hostile',
);
const found = existsSync(join(FOLDER, 'manifest.json'));
if (!found) console.log(`The hostile requests are left out: there is no manifest.json in ${FOLDER}`);
const items = found
  ? (JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8')) as Item[]).filter(({ area }) => area === 'api')
  : [];

const ASKING = JSON.stringify({
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'q', MessageBody: { 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
});

/** The token of a task that waits. */
async function askedToken(server: TestServer, stateMachineArn: string): Promise<string> {
  const { body } = await server.call('StartExecution', { stateMachineArn });
  const { body: history } = await server.call('GetExecutionHistory', { executionArn: body['executionArn'] as string });
  return /"token\\":\\"([\w-]+)/.exec(JSON.stringify(history))?.[1] ?? '';
}

describe.skipIf(!found)('hostile requests', () => {
  let server: TestServer;
  /** By what stands for them in the requests. */
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    server = await startTestServer();
    const { body } = await server.call('CreateStateMachine', { name: 'x', definition: WAIT, roleArn: ROLE });
    const { stateMachineArn = '' } = body;
    await server.call('StartExecution', { stateMachineArn, name: 'n1', input: '{"a":1}' });
    const asking = await server.call('CreateStateMachine', { name: 'asking', definition: ASKING, roleArn: ROLE });
    for (const name of ['<token>', '<used token>'])
      tokens[name] = await askedToken(server, asking.body['stateMachineArn'] as string);
    const used = await server.call('SendTaskSuccess', { taskToken: tokens['<used token>'] ?? '', output: '{}' });
    expect(used.status).toBe(200);
  });
  afterAll(() => server?.close());

  for (const { id, path, expect: wanted } of items) {
    const sent = JSON.parse(readFileSync(join(FOLDER, path), 'utf8')) as Sent;
    it(id, async () => {
      const { status, type } = await send(server.url, id, sent, tokens);
      if (wanted.verdict === 'reject') {
        expect(String(wanted.status ?? 400).split('/')).toContain(String(status));
        if (wanted.__type !== undefined) expect(`${wanted.__type} ${wanted.detail ?? ''}`).toContain(type);
      } else {
        expect(status).toBe(200);
      }
    });
  }

  it('leave the server as it was', async () => {
    const { body } = await server.call('ListStateMachines');
    const names = (body['stateMachines'] as JsonObject[]).map(({ name }) => name);
    const accepted = items.filter(({ expect: { verdict } }) => verdict === 'accept').length;
    expect(names).toContain('x');
    expect(names.length).toBeLessThanOrEqual(
      2 + accepted + items.filter(({ expect: { verdict } }) => verdict === 'safe').length,
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
    expect(JSON.stringify(server.log)).not.toContain('\\n2026-01-01 INFO forged');
  });
});

/** The requests speak of another account; only the one about that keeps it. */
async function send(
  url: string,
  id: string,
  { method, path, headers, body, rawBody }: Sent,
  tokens: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly type: string }> {
  const whole = rawBody ?? JSON.stringify(body);
  const text = whole.replaceAll(/<(used )?token>/g, (name) => tokens[name] ?? name);
  const response = await fetch(new URL(path, url), {
    method,
    headers,
    body: id === 'api/arn-other-account' ? text : text.replaceAll('111111111111', PLACE.account),
  });
  const answer = (await response.json()) as JsonObject;
  return { status: response.status, type: String(answer['__type'] ?? '') };
}
