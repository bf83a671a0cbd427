/** The second API of SES over real HTTP, by AWS's own client. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BadRequestException,
  ListEmailIdentitiesCommand,
  MessageRejected,
  SendEmailCommand,
  type SendEmailCommandInput,
  SESv2Client,
  TooManyRequestsException,
} from '@aws-sdk/client-sesv2';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailApi } from '../services/ses/api.ts';
import { createMailer } from '../services/ses/mailer.ts';
import { startTestServer, type TestServer } from '../testing/server.fixture.ts';

const MAIL = {
  FromEmailAddress: 'Ops <ops@example.com>',
  Destination: { ToAddresses: ['a@x.com'], BccAddresses: ['c@x.com'] },
  Content: { Simple: { Subject: { Data: 'grün' }, Body: { Text: { Data: 'hello' } } } },
} satisfies SendEmailCommandInput;
/** Mails a second. */
const RATE = 14;

describe('SES v2 on the wire', () => {
  let directory: string;
  let server: TestServer;
  let client: SESv2Client;
  let time = 0;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-mail-'));
    const mail = createMailer({ transport: { kind: 'folder', directory }, sync: async () => {} });
    const identities = ['ops@example.com', 'example.org'];
    const { v2 } = createMailApi({ mail, identities, now: () => time, region: 'us-east-1' });
    server = await startTestServer({ mail: v2 });
    client = new SESv2Client({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
    rmSync(directory, { recursive: true });
  });
  // All that may be sent in a burst is there again.
  beforeEach(() => {
    time += 10_000;
  });

  const send = async (more: Partial<SendEmailCommandInput> = {}): Promise<string> =>
    String((await client.send(new SendEmailCommand({ ...MAIL, ...more }))).MessageId);
  const mailOf = (id: string) => PostalMime.parse(readFileSync(join(directory, `${id}.eml`)));

  it('sends a mail', async () => {
    expect(await mailOf(await send())).toMatchObject({
      from: { name: 'Ops', address: 'ops@example.com' },
      to: [{ address: 'a@x.com' }],
      subject: 'grün',
      text: expect.stringContaining('hello'),
    });
  });

  it('sends a mail as it is given', async () => {
    const Data = Buffer.from('From: b@mail.example.org\r\nTo: a@x.com\r\nSubject: raw\r\n\r\nbody');
    const id = String((await client.send(new SendEmailCommand({ Content: { Raw: { Data } } }))).MessageId);
    expect(await mailOf(id)).toMatchObject({ from: { address: 'b@mail.example.org' }, subject: 'raw' });
  });

  it('refuses in the words that the client has a class for', async () => {
    const before = readdirSync(directory);
    const rejected = await send({ FromEmailAddress: 'ops@example.net' }).catch((error: unknown) => error);
    expect(rejected).toBeInstanceOf(MessageRejected);
    expect(rejected).toMatchObject({
      message: expect.stringContaining('Email address is not verified'),
      $metadata: { httpStatusCode: 400 },
    });
    await expect(send({ FromEmailAddress: 'nobody' })).rejects.toBeInstanceOf(BadRequestException);
    await expect(send({ ConfigurationSetName: 'x' })).rejects.toThrow(
      'ConfigurationSetName of SendEmail is not supported',
    );
    await expect(send({ Content: { Template: { TemplateName: 'x' } } })).rejects.toBeInstanceOf(BadRequestException);
    expect(readdirSync(directory)).toEqual(before);
  });

  it('holds to a rate, and lets through again as time passes', async () => {
    await Promise.all(Array.from({ length: RATE }, () => send()));
    const refused = await send().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TooManyRequestsException);
    expect(refused).toMatchObject({ $metadata: { httpStatusCode: 429 } });
    time += 100;
    await send();
    await expect(send()).rejects.toBeInstanceOf(TooManyRequestsException);
  });

  it('refuses by name what is not there', async () => {
    await expect(client.send(new ListEmailIdentitiesCommand({}))).rejects.toThrow('identities');
  });
});
