/**
 * Hostile mails, sent over SES's second API of `fanfold serve` to an SMTP server that keeps what arrives. They are not part of
 * this repository: see hostile.ts.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { domainToASCII } from 'node:url';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FunctionsProject, functionsProject } from './functions.ts';
import { HOSTILE_FOLDER, hostileItems } from './hostile.ts';
import { callStates, ROLE, type Serve } from './serve.ts';

interface Mail {
  readonly subject?: string;
  readonly to?: string;
  readonly body?: string;
  readonly attachment?: string;
}

interface Received {
  readonly to: readonly string[];
  readonly bytes: Buffer;
}

const items = hostileItems('mail');
if (items.length === 0) console.log(`The hostile mails are not sent: there are none in ${HOSTILE_FOLDER}`);
const mails = items.flatMap(({ name, path }) =>
  path === undefined ? [] : [{ name, mail: JSON.parse(readFileSync(join(HOSTILE_FOLDER, path), 'utf8')) as Mail }],
);

const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/ses/aws4_request, Signature=0';
/** The headers of a mail that nobody has added to. */
const OWN_HEADERS = [
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
];
const SEND_MAIL = JSON.stringify({
  StartAt: 'Send',
  States: {
    Send: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sesv2:sendEmail',
      Parameters: {
        FromEmailAddress: 'batch@example.com',
        Destination: { ToAddresses: ['ops@example.com'] },
        Content: { Simple: { Subject: { Data: 'Done' }, Body: { Text: { Data: 'Done.' } } } },
      },
      TimeoutSeconds: 20,
      End: true,
    },
  },
});

describe.skipIf(items.length === 0)('mail of the hostile corpus', () => {
  let received: Received[] = [];
  let onMail: () => Promise<void> | void = () => {};
  let sink: SMTPServer;
  let project: FunctionsProject;
  let serve: Serve;

  const projectWith = (smtp: string): FunctionsProject =>
    functionsProject({ mail: { smtp, identities: ['example.com'] }, dataDirectory: 'data' }, {});
  beforeAll(async () => {
    sink = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: async (stream, { envelope }, done) => {
        received.push({ to: envelope.rcptTo.map(({ address }) => address), bytes: await buffer(stream) });
        await onMail();
        done();
      },
    });
    sink.on('error', () => {});
    sink.listen(0, '127.0.0.1');
    await once(sink.server, 'listening');
    project = projectWith(`smtp://127.0.0.1:${(sink.server.address() as { port: number }).port}`);
    serve = await project.serve();
  });
  beforeEach(() => {
    received = [];
    onMail = () => {};
  });
  afterAll(async () => {
    await serve?.stop();
    project?.remove();
    await new Promise<void>((resolve) => sink.close(resolve));
  });

  const send = async (
    { to = 'ada@example.com', subject = 'Hello', body = 'Hello.', attachment }: Mail,
    url = serve.url,
  ) => {
    const response = await fetch(`${url}/v2/email/outbound-emails`, {
      method: 'POST',
      headers: { Authorization: AUTHORIZATION, 'Content-Type': 'application/json' },
      body: JSON.stringify({
        FromEmailAddress: 'batch@example.com',
        Destination: { ToAddresses: [to] },
        Content: {
          Simple: {
            Subject: { Data: subject },
            Body: { Text: { Data: body } },
            ...(attachment !== undefined && { Attachments: [{ FileName: attachment, RawContent: 'eA==' }] }),
          },
        },
      }),
    });
    return { status: response.status, answer: await response.text() };
  };
  const parsed = (bytes: Buffer): Promise<Email> => PostalMime.parse(bytes);

  it.each(mails)('$name', async ({ mail }) => {
    const { status, answer } = await send(mail);
    if (status !== 200) {
      // Refused before anybody was told of it.
      expect([status, received]).toEqual([400, []]);
      expect(answer).toMatch(
        /"(?:InvalidParameterValue|BadRequestException|MessageRejected)"|subject|address|Attachments/,
      );
      return;
    }
    expect(received).toHaveLength(1);
    const [{ to, bytes } = { to: [], bytes: Buffer.alloc(0) }] = received;
    const seen = await parsed(bytes);
    expect(OWN_HEADERS).toEqual(expect.arrayContaining(seen.headers.map(({ key }) => key)));
    expect(seen.cc ?? seen.bcc).toBeUndefined();
    expect(seen.subject).toBe(mail.subject ?? 'Hello');
    // The mailbox of `"somebody else" <this one>`.
    const mailbox = /<([^<>]+)>$/.exec(mail.to ?? '')?.[1] ?? mail.to ?? 'ada@example.com';
    expect(to.map(inAscii)).toEqual([inAscii(mailbox)]);
    expect(seen.text?.trimEnd().replaceAll('\r\n', '\n')).toBe((mail.body ?? 'Hello.').trimEnd());
    const [head = ''] = bytes.toString('latin1').split('\r\n\r\n');
    for (const line of head.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
    // Anything else in a header is encoded, but for an address that has no other form (RFC 6532).
    if (!/[^ -~]/.test(mailbox)) expect(head).toMatch(/^[\x20-\x7e\t\r\n]*$/);
  });

  const RECIPES: Readonly<Record<string, () => Promise<void>>> = {
    'open-relay': async () => {
      const calls: readonly [string, RequestInit][] = [
        ['/v2/email/outbound-emails', { headers: { 'Content-Type': 'application/json' }, body: '{}' }],
        [
          '/',
          { body: new URLSearchParams({ Action: 'SendEmail', Version: '2010-12-01', Source: 'batch@example.com' }) },
        ],
      ];
      for (const [path, init] of calls) {
        const response = await fetch(`${serve.url}${path}`, { method: 'POST', ...init });
        expect([path, response.status, await response.text()]).toEqual([
          path,
          expect.toSatisfy((status: number) => status === 400 || status === 403),
          expect.stringContaining('MissingAuthenticationToken'),
        ]);
      }
      const sent = await Promise.all(Array.from({ length: 40 }, () => send({})));
      const refused = sent.filter(({ status }) => status !== 200);
      expect(refused.length).toBeGreaterThan(0);
      for (const { answer } of refused) expect(answer).toContain('Maximum sending rate exceeded');
      expect(received).toHaveLength(sent.length - refused.length);
    },
    'smtp-hang': async () => {
      const sockets: Socket[] = [];
      const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const other = projectWith(`smtp://127.0.0.1:${(mute.address() as { port: number }).port}`);
      const server = await other.serve();
      try {
        const asked = once(mute, 'connection');
        const executionArn = await startSending(
          server.url,
          SEND_MAIL.replace('"TimeoutSeconds":20', '"TimeoutSeconds":1'),
        );
        await asked;
        expect((await ended(server.url, executionArn))['error']).toBe('States.Timeout');
      } finally {
        for (const socket of sockets) socket.destroy();
        await server.stop();
        await closed(mute);
        other.remove();
      }
    },
    once: async () => {
      const killed = Promise.withResolvers<void>();
      onMail = async () => {
        onMail = () => {};
        await serve.kill();
        killed.resolve();
      };
      const executionArn = await startSending(serve.url, SEND_MAIL);
      await killed.promise;
      serve = await project.serve();
      expect((await ended(serve.url, executionArn))['status']).toBe('SUCCEEDED');
      const ids = await Promise.all(received.map(async ({ bytes }) => (await parsed(bytes)).messageId));
      expect(ids).toHaveLength(2);
      expect(new Set(ids).size).toBe(1);
    },
  };

  it('has a recipe here', () => {
    const recipes = items.filter(({ path }) => path === undefined).map(({ name }) => name);
    expect(recipes.filter((name) => !Object.hasOwn(RECIPES, name))).toEqual([]);
  });

  it.each(Object.entries(RECIPES))('%s', async (_, run) => run());
});

/** A domain may go out in either form. */
function inAscii(mailbox: string): string {
  const [local = '', domain = ''] = mailbox.split('@');
  return `${local}@${domainToASCII(domain)}`;
}

async function startSending(url: string, definition: string): Promise<unknown> {
  const name = `send-${definition.length}`;
  const { stateMachineArn } = await callStates(url, 'CreateStateMachine', { name, definition, roleArn: ROLE });
  return (await callStates(url, 'StartExecution', { stateMachineArn }))['executionArn'];
}

async function ended(url: string, executionArn: unknown): Promise<Record<string, unknown>> {
  for (;;) {
    const described = await callStates(url, 'DescribeExecution', { executionArn });
    if (described['status'] !== 'RUNNING') return described;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
