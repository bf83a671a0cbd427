import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { TaskOutcome } from '../../ports/services.ts';
import { createApigatewayService } from './service.ts';

const ENDPOINT = 'lookup.execute-api.us-east-1.amazonaws.com';
const BASE = { ApiEndpoint: ENDPOINT, Method: 'GET', Stage: 'Prod', Path: 'financials/535113847' };

let server: Server | undefined;
const servers: Server[] = [];
afterEach(async () => {
  for (const each of servers.splice(0)) {
    each.closeAllConnections();
    if (each.listening) await new Promise((resolve) => each.close(resolve));
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a server and gives what calls it. */
async function serve(handler: Handler): Promise<(parameters: Json, options?: Options) => Promise<TaskOutcome>> {
  // Nothing is closed for having been idle: the tests say when.
  server = createServer({ keepAliveTimeout: 600_000 }, handler).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const service = createApigatewayService({
    resolve: (host) => (host.split('.')[0] === 'lookup' ? { origin: `http://127.0.0.1:${port}`, host } : undefined),
  });
  return (parameters, { signal = new AbortController().signal, resource = '' } = {}) =>
    service.perform({
      task: { executionArn: 'arn', frame: '0', attempt: 0 },
      resource: `arn:aws:states:::apigateway:invoke${resource}`,
      parameters: Value.ofJson(parameters),
      stateName: 'Get',
      idempotencyKey: 'key',
      signal,
    });
}

interface Options {
  readonly signal?: AbortSignal;
  readonly resource?: string;
}

const answerJson = (response: ServerResponse, status: number, value: Json): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
};

/** Answers with what it was asked. */
const mirror: Handler = async (request, response) => {
  const { method, url, headers } = request;
  answerJson(response, 200, { method, url, headers, body: await text(request) } as Json);
};

async function seen(parameters: JsonObject): Promise<{ url: string; headers: Record<string, string>; body: string }> {
  const outcome = await (await serve(mirror))({ ...BASE, ...parameters });
  if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
  return (outcome.output.json as { ResponseBody: never }).ResponseBody;
}

describe('apigateway:invoke', () => {
  it('gives the answer in the shape recorded on AWS', async () => {
    const invoke = await serve((_request, response) => {
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      answerJson(response, 200, { item: { uuid: '535113847' } });
    });
    const outcome = await invoke(BASE);
    expect(outcome.kind === 'succeeded' && outcome.output.json).toEqual({
      Headers: {
        'Set-Cookie': ['a=1', 'b=2'],
        'Content-Type': ['application/json'],
        Date: [expect.any(String)],
        Connection: ['keep-alive'],
        'Transfer-Encoding': ['chunked'],
        Via: [expect.stringMatching(/^1\.1 .*CloudFront/)],
        'X-Amz-Cf-Id': [expect.any(String)],
        'X-Amz-Cf-Pop': [expect.any(String)],
        'X-Cache': ['Miss from cloudfront'],
      },
      ResponseBody: { item: { uuid: '535113847' } },
      StatusCode: 200,
      StatusText: 'OK',
    });
  });

  it('sends method, stage, path and the name of the API', async () => {
    expect(await seen({})).toMatchObject({
      method: 'GET',
      url: '/Prod/financials/535113847',
      headers: { host: ENDPOINT },
    });
  });

  it('sends a body as JSON, whatever it is', async () => {
    const bodies: readonly (readonly [Json, string])[] = [
      ['HelloWorld', '"HelloWorld"'],
      [{ message: 'é', none: null, deep: { none: null, list: [null] } }, '{"message":"é","deep":{"list":[null]}}'],
      [0, '0'],
      [false, 'false'],
    ];
    for (const [RequestBody, body] of bodies) {
      const request = await seen({ Method: 'POST', RequestBody });
      expect(request).toMatchObject({ method: 'POST', body, headers: { 'content-type': 'application/json' } });
    }
    const kept = await seen({ Method: 'PUT', RequestBody: { none: null }, AllowNullValues: true });
    expect(kept.body).toBe('{"none":null}');
  });

  it('sends headers and query parameters with all their values', async () => {
    const { url, headers } = await seen({
      Headers: { custom_header: ['a', 'b'], 'Content-Type': ['text/plain'] },
      QueryParameters: { 'a b': ['1', '&=é'], empty: [''] },
      RequestBody: 'x',
      AuthType: 'IAM_ROLE',
    });
    expect(url).toBe('/Prod/financials/535113847?a%20b=1&a%20b=%26%3D%C3%A9&empty=');
    expect(headers).toMatchObject({ custom_header: 'a, b', 'content-type': 'text/plain' });
  });

  it('gives text when the answer is no JSON', async () => {
    const answers: readonly (readonly [string, string])[] = [
      ['text/plain', '{"a":1}'],
      ['application/json', '{not json'],
      ['application/json', ''],
    ];
    for (const [type, body] of answers) {
      const invoke = await serve(
        (_request, response) => void response.writeHead(200, { 'Content-Type': type }).end(body),
      );
      const outcome = await invoke(BASE);
      expect(outcome.kind === 'succeeded' && outcome.output.json).toMatchObject({ ResponseBody: body });
    }
  });

  it('fails with the status and the text of an error', async () => {
    for (const status of [403, 404, 429, 500]) {
      const invoke = await serve((_request, response) => answerJson(response, status, { message: 'No' }));
      expect(await invoke(BASE)).toEqual({ kind: 'failed', error: `ApiGateway.${status}`, cause: '{"message":"No"}' });
    }
  });

  it('does not follow a redirect', async () => {
    let requests = 0;
    const invoke = await serve((_request, response) => {
      requests++;
      response.writeHead(302, { Location: '/elsewhere' }).end();
    });
    const outcome = await invoke(BASE);
    expect(outcome.kind === 'succeeded' && outcome.output.json).toMatchObject({ StatusCode: 302 });
    expect(requests).toBe(1);
  });

  it('is the same call when a task token is awaited', async () => {
    const invoke = await serve(mirror);
    expect((await invoke(BASE, { resource: '.waitForTaskToken' })).kind).toBe('succeeded');
  });

  it('calls nobody but the APIs of the project', async () => {
    const invoke = await serve(mirror);
    for (const ApiEndpoint of ['example.com', '127.0.0.1:80', 'other.execute-api.us-east-1.amazonaws.com']) {
      expect(await invoke({ ...BASE, ApiEndpoint })).toMatchObject({
        error: 'ApiGateway.UnknownHostException',
        cause: expect.stringContaining(ApiEndpoint),
      });
    }
  });

  it('refuses parameters that it does not know or that are no good, by name', async () => {
    const invoke = await serve(mirror);
    const cases: readonly (readonly [JsonObject, string])[] = [
      [{ Body: 1 }, "The field 'Body' is not supported by Step Functions"],
      [{ __proto__x: 1 }, "The field '__proto__x' is not supported by Step Functions"],
      [{ toString: 1 } as unknown as JsonObject, "The field 'toString' is not supported by Step Functions"],
      [{ Method: 'TRACE' }, "The value of the field 'Method' has an invalid format"],
      [{ ApiEndpoint: 'http://lookup/' }, "The value of the field 'ApiEndpoint' has an invalid format"],
      [{ Stage: '../x' }, "The value of the field 'Stage' has an invalid format"],
      [{ Path: 'a/../../b' }, "The value of the field 'Path' has an invalid format"],
      [{ Path: '%2E%2e/b' }, "The value of the field 'Path' has an invalid format"],
      [{ Path: 7 }, "The value of the field 'Path' has an invalid format"],
      [{ Headers: { single: 'text' } }, "The value of the field 'Headers' has an invalid format"],
      [{ Headers: { Host: ['x'] } }, "The value of the field 'Headers' has an invalid format"],
      [{ Headers: { 'X-Amz-Date': ['x'] } }, "The value of the field 'Headers' has an invalid format"],
      [{ Headers: { a: ['x\r\nB: y'] } }, "The value of the field 'Headers' has an invalid format"],
      [{ QueryParameters: { a: 'x' } }, "The value of the field 'QueryParameters' has an invalid format"],
      [{ AuthType: 'BASIC' }, "The value of the field 'AuthType' has an invalid format"],
      [{ AllowNullValues: 'yes' }, "The value of the field 'AllowNullValues' has an invalid format"],
    ];
    for (const [part, problem] of cases) {
      const outcome = await invoke({ ...BASE, ...part });
      expect(outcome).toMatchObject({
        kind: 'failed',
        error: 'States.Runtime',
        cause: expect.stringContaining(problem),
      });
    }
    for (const parameters of [{}, [], 'x']) {
      expect(await invoke(parameters)).toMatchObject({
        error: 'States.Runtime',
        cause: expect.stringContaining("The field 'ApiEndpoint' is required but was missing"),
      });
    }
  });

  it('lets no path or query get out of its place', async () => {
    const invoke = await serve(mirror);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (Path, value) => {
        const outcome = await invoke({ ...BASE, Path, QueryParameters: { q: [value] } });
        if (outcome.kind !== 'succeeded') return expect(outcome).toMatchObject({ error: 'States.Runtime' });
        const { url } = (outcome.output.json as { ResponseBody: { url: string } }).ResponseBody;
        const { pathname, searchParams } = new URL(`http://x${url}`);
        expect(pathname).toMatch(/^\/Prod\/?/);
        expect([...searchParams]).toEqual([['q', value.toWellFormed()]]);
      }),
      { numRuns: 200 },
    );
  });

  it('is ended by its caller', async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    const invoke = await serve((_request, response) => arrived.resolve(response));
    const controller = new AbortController();
    const outcome = invoke(BASE, { signal: controller.signal });
    const closed = once(await arrived.promise, 'close');
    controller.abort();
    expect(await outcome).toMatchObject({ kind: 'failed', error: 'ApiGateway.SdkClientException' });
    await closed;
  });

  it('gives up an answer that is too long, or cut short', async () => {
    const long = await serve((_request, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(1024 * 1024);
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    });
    expect(await long(BASE)).toMatchObject({ error: 'States.DataLimitExceeded' });
    const cut = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' }).write('half', () => response.destroy());
    });
    expect(await cut(BASE)).toMatchObject({ error: 'ApiGateway.SdkClientException' });
  });

  it('says so when the server is away', async () => {
    const invoke = await serve(mirror);
    await new Promise((resolve) => server?.close(resolve));
    expect(await invoke(BASE)).toMatchObject({
      error: 'ApiGateway.SdkClientException',
      cause: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('uses its connections again, and outlives those that the server gives up', async () => {
    const sockets = new Set<unknown>();
    const invoke = await serve((request, response) => {
      sockets.add(request.socket);
      answerJson(response, 200, {});
    });
    for (let i = 0; i < 20; i++) expect((await invoke(BASE)).kind).toBe('succeeded');
    expect(sockets.size).toBe(1);
    for (let i = 0; i < 20; i++) {
      const outcome = invoke(BASE);
      if (i % 4 === 0) server?.closeIdleConnections();
      expect((await outcome).kind).toBe('succeeded');
    }
  });
});
