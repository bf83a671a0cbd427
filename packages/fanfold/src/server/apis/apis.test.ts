import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import type { InvokeParams } from '../../ports/functions.ts';
import { type FakeFunction, functionsOf, startTestServer, type TestServer } from '../../testing/server.fixture.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

const calls: { event: JsonObject; params: InvokeParams }[] = [];

/** The API `shop` with stage `prod`, whose routes all lead to this function. */
async function start(run: FakeFunction, routes: readonly string[] = ['ANY /{all+}']): Promise<TestServer> {
  calls.length = 0;
  const f: FakeFunction = (event, params) => {
    calls.push({ event, params });
    return run(event, params);
  };
  server = await startTestServer({
    apis: { shop: { stage: 'prod', routes: Object.fromEntries(routes.map((route) => [route, 'f'])) } },
    functions: functionsOf({ f }),
  });
  return server;
}

const answers =
  (answer: JsonObject): FakeFunction =>
  () =>
    answer;
const echo: FakeFunction = (event) => ({ statusCode: 200, body: JSON.stringify(event) });

describe('a route', () => {
  it('is found by host name and by path', async () => {
    const { raw, url } = await start(answers({ statusCode: 200, body: 'hello' }), ['GET /orders/{id}']);
    for (const host of ['shop.execute-api.us-east-1.amazonaws.com', 'SHOP.execute-api.localhost:4000'.toLowerCase()])
      expect(await raw(`GET /prod/orders/7 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 200 .*hello$/s,
      );
    expect(await (await fetch(`${url}/_api/shop/prod/orders/7`)).text()).toBe('hello');
  });

  it.each([
    ['GET', '/prod/orders/7/lines', 403, 'Missing Authentication Token'],
    ['POST', '/prod/orders/7', 403, 'Missing Authentication Token'],
    ['GET', '/prod/orders', 403, 'Missing Authentication Token'],
    ['GET', '/prod/orders/', 403, 'Missing Authentication Token'],
    ['GET', '/prod', 403, 'Missing Authentication Token'],
    ['GET', '/test/orders/7', 403, 'Forbidden'],
    ['GET', '', 403, 'Forbidden'],
    ['GET', '/prod/orders/%zz', 400, 'Bad Request'],
  ])('is not %s %s', async (method, path, status, message) => {
    const { url } = await start(echo, ['GET /orders/{id}']);
    const response = await fetch(`${url}/_api/shop${path}`, { method });
    expect([response.status, await response.json()]).toEqual([status, { message }]);
    expect(calls).toEqual([]);
  });

  it('of an API that is not there tells which there are', async () => {
    const { url } = await start(echo);
    const response = await fetch(`${url}/_api/shopp/prod/x`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("no API 'shopp' here. There are: shop");
  });

  it('that leads to no function is found at the start', async () => {
    const apis = { shop: { stage: 'prod', routes: { 'GET /x': 'gone' } } };
    await expect(startTestServer({ apis })).rejects.toThrow(
      "The route 'GET /x' of the API 'shop' leads to 'gone', which is no function of this project.",
    );
  });
});

describe('the event', () => {
  it("is API Gateway's proxy event, version 1.0", async () => {
    const { raw } = await start(echo, ['POST /orders/{id}/{rest+}']);
    const answer = await raw(
      'POST /prod/orders/a%2Fb%20c/x/y?q=1&q=2+3&__proto__=p HTTP/1.1\r\nHost: shop.execute-api.localhost:4000\r\n' +
        'User-Agent: test\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody',
    );
    const event = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as JsonObject;
    const multi = { 'X-Two': ['1', '2'], 'User-Agent': ['test'] };
    expect(event).toMatchObject({
      resource: '/orders/{id}/{rest+}',
      path: '/orders/a%2Fb%20c/x/y',
      httpMethod: 'POST',
      headers: { Host: 'shop.execute-api.localhost:4000', 'X-Two': '2' },
      multiValueHeaders: multi,
      pathParameters: { id: 'a/b c', rest: 'x/y' },
      stageVariables: null,
      body: 'body',
      isBase64Encoded: false,
    });
    expect(Object.entries(event.queryStringParameters as JsonObject)).toEqual([
      ['q', '2 3'],
      ['__proto__', 'p'],
    ]);
    expect(event.multiValueQueryStringParameters).toMatchObject({ q: ['1', '2 3'] });
    expect(event.requestContext).toMatchObject({
      accountId: '000000000000',
      apiId: 'shop',
      stage: 'prod',
      resourcePath: '/orders/{id}/{rest+}',
      path: '/prod/orders/a%2Fb%20c/x/y',
      httpMethod: 'POST',
      protocol: 'HTTP/1.1',
      domainName: 'shop.execute-api.localhost:4000',
      requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      requestTimeEpoch: expect.any(Number),
      identity: { sourceIp: '127.0.0.1', userAgent: 'test', user: null },
    });
    expect(answer).toMatch(/^x-amz-apigw-id: \S+\r\nX-Amzn-Trace-Id: Root=1-[0-9a-f]{8}-[0-9a-f]{24}\r$/m);
    expect(answer).toMatch(new RegExp(`x-amzn-RequestId: ${(event.requestContext as JsonObject).requestId}`));
  });

  it('has nulls where there is nothing', async () => {
    const { url } = await start(echo, ['GET /']);
    expect(await (await fetch(`${url}/_api/shop/prod/`)).json()).toMatchObject({
      path: '/',
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: null,
    });
  });

  it('holds bytes that are no text as base64', async () => {
    const { url } = await start(echo);
    const response = await fetch(`${url}/_api/shop/prod/x`, { method: 'PUT', body: Buffer.from([0xff, 0x00]) });
    expect(await response.json()).toMatchObject({ body: '/wA=', isBase64Encoded: true });
  });

  it('comes with an idempotency key of its own for each request', async () => {
    const { url } = await start(echo);
    for (let i = 0; i < 2; i++) await fetch(`${url}/_api/shop/prod/x`);
    const keys = calls.map(({ params }) => params.idempotencyKey);
    expect(keys).toEqual(calls.map(({ event }) => `http:${(event.requestContext as JsonObject).requestId}`));
    expect(new Set(keys).size).toBe(2);
  });

  it('is not made of a body that is too long', async () => {
    const { url } = await start(echo);
    const response = await fetch(`${url}/_api/shop/prod/x`, { method: 'POST', body: 'x'.repeat(10_485_761) });
    expect([response.status, await response.json()]).toEqual([413, { message: 'Request Too Long' }]);
    expect(calls).toEqual([]);
  });
});

describe('the answer', () => {
  async function ask(answer: JsonObject): Promise<Response> {
    await server?.close();
    return fetch(`${(await start(answers(answer))).url}/_api/shop/prod/x`);
  }

  it('has the status, headers and body of the function', async () => {
    const response = await ask({
      statusCode: '201',
      headers: { 'X-One': 1, 'Set-Cookie': 'a=1', 'Content-Length': '999' },
      multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'], 'Content-Type': ['text/plain'] },
      body: 'é',
    });
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-one': '1',
      'content-type': 'text/plain',
      'content-length': '2',
      'x-amzn-remapped-content-length': '999',
    });
    expect(await response.text()).toBe('é');
  });

  it('is JSON and empty unless it is said otherwise, and may be bytes', async () => {
    const empty = await ask({ statusCode: 200 });
    expect([empty.headers.get('content-type'), await empty.text()]).toEqual(['application/json', '']);
    const bytes = await ask({ statusCode: 200, body: '/wA=', isBase64Encoded: true });
    expect([...new Uint8Array(await bytes.arrayBuffer())]).toEqual([255, 0]);
    expect((await ask({ statusCode: 204, body: 'ignored' })).status).toBe(204);
  });

  it.each([
    {},
    { body: 'x' },
    { statusCode: 99 },
    { statusCode: 'abc' },
    { statusCode: 200.5 },
    { statusCode: 200, body: { a: 1 } },
    { statusCode: 200, headers: { 'bad name': 'x' } },
    { statusCode: 200, headers: { x: 'a\r\nInjected: 1' } },
    { statusCode: 200, headers: { x: { y: 1 } } },
    { statusCode: 200, multiValueHeaders: { x: 'no list' } },
  ])('is refused when it is malformed: %j', async (answer) => {
    const response = await ask(answer);
    expect([response.status, await response.json()]).toEqual([502, { message: 'Internal server error' }]);
    expect(server?.log).toMatchObject([
      { level: 'error', fields: { function: 'f', reason: expect.stringContaining('not of the form') } },
    ]);
  });

  it.each([
    { kind: 'threw', errorType: 'TypeError', errorMessage: 'secret', stackTrace: [] },
    { kind: 'timedOut', seconds: 3 },
    { kind: 'exited', message: 'secret' },
  ] as const)('hides why the function failed: $kind', async (result) => {
    const { url } = await start(() => result);
    const response = await fetch(`${url}/_api/shop/prod/x`);
    expect([response.status, await response.json()]).toEqual([502, { message: 'Internal server error' }]);
    expect(server?.log).toHaveLength(1);
  });

  it('is an error when the function cannot even be called', async () => {
    const { url } = await start(() => {
      throw new Error('secret');
    });
    expect((await fetch(`${url}/_api/shop/prod/x`)).status).toBe(502);
    expect(server?.log).toMatchObject([{ fields: { error: { message: 'secret' } } }]);
  });
});
