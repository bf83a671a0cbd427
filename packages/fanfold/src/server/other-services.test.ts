import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/server.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it.each([
  ['POST', '/v1/submitjob', 'batch', '`jobDefinitions`'],
  ['POST', '/schedules/nightly', 'scheduler', 'PutRule'],
  ['GET', '/clusters', 'eks', 'Kubernetes'],
  ['PUT', '/there', 'iot', "This server does not have the API of 'iot' (PUT /there)."],
  ['DELETE', '/there/key?x=1', 's3-outposts', '(DELETE /there/key)'],
])('%s %s, signed for %s, is no request for S3, and refused by name', async (method, path, service, told) => {
  const authorization = `AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(`${server.url}${path}`, { method, headers: { authorization } });
  expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([404, 'UnknownOperationException']);
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining(told) });
});
