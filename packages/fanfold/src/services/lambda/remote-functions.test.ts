import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import type { Functions } from '../../ports/functions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { createRemoteFunctions, withRemoteFunctions } from './remote-functions.ts';
import { createLambdaService } from './service.ts';

interface Asked {
  readonly incoming: IncomingMessage;
  readonly body: string;
}

const asked: Asked[] = [];
const ANSWERS: Readonly<Record<string, (outgoing: ServerResponse, body: string) => void>> = {
  echo: (outgoing, body) => void outgoing.writeHead(200, { 'X-Amz-Executed-Version': '$LATEST' }).end(body),
  nothing: (outgoing) => void outgoing.writeHead(200).end(),
  logs: (outgoing) =>
    void outgoing.writeHead(200, { 'X-Amz-Log-Result': Buffer.from('one\ntwö\n').toString('base64') }).end('1'),
  throws: (outgoing) =>
    void outgoing
      .writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' })
      .end('{"errorMessage": "boom", "errorType":"Bad","requestId":"1","stackTrace":["at x"]}'),
  'throws-untyped': (outgoing) =>
    void outgoing.writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' }).end('{"errorMessage":"boom"}'),
  'throws-nonsense': (outgoing) => void outgoing.writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' }).end('oops'),
  missing: (outgoing) =>
    void outgoing
      .writeHead(404, { 'x-amzn-ErrorType': 'ResourceNotFoundException:http://internal' })
      .end('{"Type":"User","Message":"Function not found: arn:aws:lambda:::function:missing:$LATEST"}'),
  busy: (outgoing) =>
    void outgoing.writeHead(429).end('{"__type":"com.amazonaws#TooManyRequestsException","message":"slow"}'),
  broken: (outgoing) => void outgoing.writeHead(502).end('<html>bad gateway</html>'),
  hangs: () => {},
};

let server: Server;
let remote: Functions;
beforeAll(async () => {
  server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    asked.push({ incoming, body });
    const name = /functions\/([^/]+)\/invocations/.exec(incoming.url ?? '')?.[1] ?? '';
    ANSWERS[name]?.(outgoing, body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  remote = createRemoteFunctions({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
});
afterAll(async () => {
  await remote.close();
  server.close();
  server.closeAllConnections();
});

const invoke = (functionName: string, payload = '{ "a":  1 }') =>
  remote.invoke({ functionName, payload, idempotencyKey: 'k' });

describe('functions behind an endpoint', () => {
  it('are invoked as AWS Lambda is, with the payload as it is', async () => {
    expect(await invoke('echo')).toEqual({ kind: 'returned', payload: '{ "a":  1 }' });
    const { incoming, body } = asked.at(-1) as Asked;
    expect(body).toBe('{ "a":  1 }');
    expect(incoming).toMatchObject({
      method: 'POST',
      url: '/2015-03-31/functions/echo/invocations',
      headers: {
        'content-type': 'application/json',
        'x-amz-invocation-type': 'RequestResponse',
        'x-amz-log-type': 'None',
      },
    });
    expect(await invoke('nothing')).toEqual({ kind: 'returned', payload: 'null' });
  });

  it.each([
    ['arn:aws:lambda:eu-west-1:111111111111:function:echo', '/2015-03-31/functions/echo/invocations'],
    ['111111111111:function:echo', '/2015-03-31/functions/echo/invocations'],
    ['echo:live', '/2015-03-31/functions/echo/invocations?Qualifier=live'],
    [
      'arn:aws:lambda:eu-west-1:111111111111:function:echo:$LATEST',
      '/2015-03-31/functions/echo/invocations?Qualifier=%24LATEST',
    ],
    ['../echo?x=1', '/2015-03-31/functions/..%2Fecho%3Fx%3D1/invocations'],
  ])('are asked for by their name: %s', async (name, url) => {
    const stop = new AbortController();
    const result = remote.invoke({ functionName: name, payload: '1', idempotencyKey: 'k', signal: stop.signal });
    await expect.poll(() => asked.at(-1)?.incoming.url).toBe(url);
    stop.abort();
    await result;
  });

  it('give the end of their log to who wants it', async () => {
    const lines: string[] = [];
    const params = {
      functionName: 'logs',
      payload: '{}',
      idempotencyKey: 'k',
      onLog: (line: string) => lines.push(line),
    };
    await remote.invoke(params);
    expect(lines).toEqual(['one', 'twö']);
    expect(asked.at(-1)?.incoming.headers['x-amz-log-type']).toBe('Tail');
  });

  it('tell what they threw, in their own text', async () => {
    expect(await invoke('throws')).toEqual({
      kind: 'threw',
      errorType: 'Bad',
      errorMessage: 'boom',
      stackTrace: ['at x'],
      payload: '{"errorMessage": "boom", "errorType":"Bad","requestId":"1","stackTrace":["at x"]}',
    });
    expect(await invoke('throws-nonsense')).toMatchObject({ kind: 'threw', errorType: '', errorMessage: 'oops' });
  });

  it.each([
    ['missing', 'ResourceNotFoundException', 404, 'Function not found: arn:aws:lambda:::function:missing:$LATEST'],
    ['busy', 'TooManyRequestsException', 429, 'slow'],
    ['broken', 'ServiceException', 502, 'The function endpoint answered with status 502: <html>bad gateway</html>'],
  ])('are refused as the endpoint refuses them: %s', async (name, code, status, message) => {
    const error = await invoke(name).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code, status, message });
  });

  it('are stopped from outside', async () => {
    const stop = new AbortController();
    const before = asked.length;
    const result = remote.invoke({ functionName: 'hangs', payload: '1', idempotencyKey: 'k', signal: stop.signal });
    await expect.poll(() => asked.length).toBe(before + 1);
    stop.abort();
    expect(await result).toMatchObject({ kind: 'exited' });
    await expect.poll(() => asked.at(-1)?.incoming.socket.destroyed).toBe(true);
    expect(
      await remote.invoke({ functionName: 'hangs', payload: '1', idempotencyKey: 'k', signal: stop.signal }),
    ).toMatchObject({
      kind: 'exited',
    });
    expect(asked).toHaveLength(before + 1);
  });

  it('that nobody serves are said not to answer', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const endpoint = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    gone.close();
    await once(gone, 'close');
    const functions = createRemoteFunctions({ endpoint });
    await expect(functions.invoke({ functionName: 'f', payload: '1', idempotencyKey: 'k' })).rejects.toThrow(
      new RegExp(`^The function endpoint ${endpoint} does not answer: .*ECONNREFUSED.* Is it running\\?$`),
    );
    expect(() => createRemoteFunctions({ endpoint: 'localhost:3001' })).toThrow(/http or https/);
  });

  it('are never heard of again after the end', async () => {
    const functions = createRemoteFunctions({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const before = asked.length;
    const results = [functions.invoke({ functionName: 'hangs', payload: '1', idempotencyKey: 'k' })];
    await expect.poll(() => asked.length).toBe(before + 1);
    await functions.close();
    results.push(functions.invoke({ functionName: 'echo', payload: '1', idempotencyKey: 'k' }));
    let settled = false;
    for (const result of results) result.then(() => (settled = true)).catch(() => (settled = true));
    await invoke('echo');
    expect(settled).toBe(false);
    expect(asked).toHaveLength(before + 2);
  });

  it('come after those of the project', async () => {
    const own: Functions = {
      has: (name) => name === 'echo',
      invoke: async () => ({ kind: 'returned', payload: '"own"' }),
      close: async () => {},
    };
    const both = withRemoteFunctions(own, remote);
    const call = (functionName: string) => both.invoke({ functionName, payload: '1', idempotencyKey: 'k' });
    expect(await call('echo')).toEqual({ kind: 'returned', payload: '"own"' });
    expect(await call('nothing')).toEqual({ kind: 'returned', payload: 'null' });
    expect([both.has('echo'), both.has('other')]).toEqual([true, true]);
  });

  it.each([
    ['throws', 'Bad', '{"errorMessage": "boom", "errorType":"Bad","requestId":"1","stackTrace":["at x"]}'],
    [
      'throws-untyped',
      'Lambda.Unknown',
      'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"boom"}',
    ],
  ])('fail a task as on AWS: %s', async (name, error, cause) => {
    const service = createLambdaService(remote, { invokeLater: () => {} });
    const outcome = await service.perform({
      task: { executionArn: 'e', frame: '0', attempt: 1 },
      resource: `arn:aws:lambda:us-east-1:111111111111:function:${name}`,
      parameters: Value.ofText('{}'),
      stateName: 'S',
      idempotencyKey: 'k',
      signal: new AbortController().signal,
    });
    expect(outcome).toEqual({ kind: 'failed', error, cause });
  });
});
