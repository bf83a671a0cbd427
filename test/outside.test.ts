/** What leaves the machine: mails by SES's API, requests by `http:invoke`, posts of topics; through `fanfold serve`. */
import {
  ListIdentitiesCommand,
  MessageRejected,
  SendEmailCommand,
  SendRawEmailCommand,
  SESClient,
} from '@aws-sdk/client-ses';
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, history, jobsProject, startStates } from './jobs.ts';
import { callStates, ROLE, type Serve } from './serve.ts';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
const SECRET = 'sk-live-0123456789';

describe('what leaves the machine', () => {
  const posts: { readonly headers: Readonly<Record<string, unknown>>; readonly body: string }[] = [];
  let told = Promise.withResolvers<void>();
  const outside = createServer(async (request, response) => {
    posts.push({ headers: request.headers, body: await text(request) });
    told.resolve();
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ echo: request.headers.authorization ?? null }));
  });
  let asked = 0;
  const proxy = createServer((_, response) => {
    asked += 1;
    response.writeHead(502).end();
  }).on('connect', (_, socket) => {
    asked += 1;
    socket.destroy();
  });
  let url = '';
  let project: ReturnType<typeof jobsProject>;
  let serve: Serve;
  beforeAll(async () => {
    outside.listen(0, '127.0.0.1');
    await once(outside, 'listening');
    const host = `127.0.0.1:${(outside.address() as AddressInfo).port}`;
    url = `http://${host}/hook`;
    project = jobsProject(
      {
        http: { allow: [host] },
        connections: { api: { apiKey: { name: 'Authorization', value: { secret: 'API_KEY' } } } },
        mail: { from: 'Ops <ops@example.com>' },
      },
      {},
    );
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const ask = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    // By both spellings, and with what makes Node's own clients ask them.
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
    const proxies = Object.fromEntries(names.map((name) => [name, ask]));
    serve = await project.serve({ API_KEY: SECRET, NODE_USE_ENV_PROXY: '1', NO_PROXY: '', no_proxy: '', ...proxies });
  });
  afterAll(async () => {
    const { stderr } = await serve.stop();
    expect(stderr).not.toContain(SECRET);
    expect(asked, 'proxies of the environment are not asked').toBe(0);
    proxy.close();
    outside.closeAllConnections();
    outside.close();
    project.remove();
  });

  const TASK = () => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::http:invoke',
    Parameters: {
      ApiEndpoint: url,
      Method: 'POST',
      Authentication: { ConnectionArn: 'arn:aws:events:us-east-1:123456789012:connection/api/81210c42' },
      RequestBody: { a: 1 },
    },
    End: true,
  });

  it('mails go out for verified senders, by the client of SES and by tasks', async () => {
    const ses = new SESClient({ endpoint: serve.url, region: 'us-east-1', credentials });
    const Message = { Subject: { Data: 'S' }, Body: { Text: { Data: 'hello' } } };
    const Destination = { ToAddresses: ['a@x.com'] };
    const { MessageId } = await ses.send(new SendEmailCommand({ Source: 'ops@example.com', Destination, Message }));
    const Data = Buffer.from('From: ops@example.com\r\nTo: a@x.com\r\nSubject: s\r\n\r\nbody');
    const raw = await ses.send(new SendRawEmailCommand({ RawMessage: { Data } }));
    expect((await ses.send(new ListIdentitiesCommand({}))).Identities).toEqual(['ops@example.com']);
    await expect(
      ses.send(new SendEmailCommand({ Source: 'x@example.com', Destination, Message })),
    ).rejects.toBeInstanceOf(MessageRejected);
    ses.destroy();
    const Content = { Simple: Message };
    const Parameters = { FromEmailAddress: 'ops@example.com', Destination, Content };
    const send = { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:sesv2:sendEmail', Parameters, End: true };
    const done = await ended(serve.url, await startStates(serve.url, { Send: send }));
    const third = (JSON.parse(String(done['output'])) as { readonly MessageId: string }).MessageId;
    const refused = { ...send, Parameters: { ...Parameters, FromEmailAddress: 'x@example.com' } };
    expect(await ended(serve.url, await startStates(serve.url, { Send: refused }))).toMatchObject({
      error: 'SesV2.MessageRejectedException',
    });
    const first = { Source: 'ops@example.com', Destination, Message };
    const byFirst = { ...send, Resource: 'arn:aws:states:::aws-sdk:ses:sendEmail', Parameters: first };
    const sent = await ended(serve.url, await startStates(serve.url, { Send: byFirst }));
    const fifth = (JSON.parse(String(sent['output'])) as { readonly MessageId: string }).MessageId;
    const wire = await fetch(`${serve.url}/v2/email/outbound-emails`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: 'AWS4-HMAC-SHA256 Credential=x' },
      body: JSON.stringify(Parameters),
    });
    const fourth = ((await wire.json()) as { readonly MessageId: string }).MessageId;
    const mails = [MessageId, raw.MessageId, third, fourth, fifth].map((id) => `${id}.eml`);
    expect(readdirSync(join(project.folder, 'outbox')).toSorted()).toEqual(mails.toSorted());
    expect(
      (
        await fetch(`${serve.url}/v2/email/outbound-emails`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: '{}',
        })
      ).status,
    ).toBe(400);
  });

  it('requests have the secret of their connection, and nothing that is kept of them has it', async () => {
    const executionArn = await startStates(serve.url, { Call: TASK() });
    const done = await ended(serve.url, executionArn);
    expect(JSON.parse(String(done['output']))).toMatchObject({ StatusCode: 200, ResponseBody: { echo: '***' } });
    expect(posts.at(-1)).toMatchObject({ body: '{"a":1}', headers: { authorization: SECRET } });
    expect(JSON.stringify([done, await history(serve.url, executionArn)])).not.toContain(SECRET);
  });

  it('TestState shows a request and its answer, and its secrets to who asks', async () => {
    const test = (params: object): Promise<Record<string, unknown>> =>
      callStates(serve.url, 'TestState', { definition: JSON.stringify(TASK()), roleArn: ROLE, ...params });
    const shown = await test({ inspectionLevel: 'TRACE' });
    expect(shown['inspectionData']).toMatchObject({
      request: {
        protocol: 'http',
        method: 'POST',
        url,
        body: '{"a":1}',
        headers: expect.stringContaining('Authorization: ***'),
      },
      response: { protocol: 'http', statusCode: '200', statusMessage: 'OK', body: '{"echo":"***"}' },
    });
    const revealed = await test({ inspectionLevel: 'TRACE', revealSecrets: true });
    expect(revealed['inspectionData']).toMatchObject({ request: { headers: expect.stringContaining(SECRET) } });
    expect((await test({ inspectionLevel: 'DEBUG' }))['inspectionData']).not.toHaveProperty('request');
  });

  it('topics post to a URL that has confirmed it', async () => {
    const sns = new SNSClient({ endpoint: serve.url, region: 'us-east-1', credentials });
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'hooks' }));
    told = Promise.withResolvers();
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: url }));
    await told.promise;
    const { Token } = JSON.parse(posts.at(-1)?.body ?? '') as { readonly Token: string };
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
    told = Promise.withResolvers();
    await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
    await told.promise;
    expect(JSON.parse(posts.at(-1)?.body ?? '')).toMatchObject({ Type: 'Notification', Message: 'hello' });
    sns.destroy();
  });
});
