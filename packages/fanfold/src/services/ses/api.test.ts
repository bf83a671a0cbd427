import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { createMailApi, type MailApi } from './api.ts';
import { createMailer } from './mailer.ts';

let directory: string;
let api: MailApi;
let time = 0;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-ses-'));
  time = 0;
  const mail = createMailer({ transport: { kind: 'folder', directory }, sync: async () => {} });
  api = createMailApi({ mail, identities: ['ops@example.com', 'example.org'], now: () => time, region: 'us-east-1' });
});
afterEach(() => rmSync(directory, { recursive: true }));

const options = { signal: new AbortController().signal };
const send = (input: JsonObject, version: keyof MailApi = 'v1', action = 'SendEmail'): Promise<JsonObject> =>
  api[version](action, input, options);
const sent = (): Promise<readonly Awaited<ReturnType<typeof PostalMime.parse>>[]> =>
  Promise.all(readdirSync(directory).map((name) => PostalMime.parse(readFileSync(join(directory, name)))));
const data = (text: string): JsonObject => ({ Data: text });
const EMAIL = {
  Source: 'Ops <ops@example.com>',
  Destination: { ToAddresses: ['a@x.com'], CcAddresses: ['b@x.com'], BccAddresses: ['c@x.com'] },
  ReplyToAddresses: ['r@x.com'],
  Message: { Subject: data('grün'), Body: { Text: data('hello'), Html: data('<b>hello</b>') } },
};

const many = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `a${i}@x.com`);

describe('SendEmail', () => {
  it('sends to all, of whom those under Bcc are not named', async () => {
    const { MessageId } = await send(EMAIL);
    const [mail] = await sent();
    expect(mail).toMatchObject({
      messageId: `<${String(MessageId)}>`,
      subject: 'grün',
      to: [{ address: 'a@x.com' }],
      cc: [{ address: 'b@x.com' }],
      replyTo: [{ address: 'r@x.com' }],
    });
    expect(JSON.stringify(mail)).not.toContain('c@x.com');
  });

  it('of the second API sends too', async () => {
    const Content = { Simple: { Subject: data('S'), Body: { Text: data('hello') } } };
    await send({ FromEmailAddress: 'any@mail.example.org', Destination: EMAIL.Destination, Content }, 'v2');
    expect((await sent())[0]).toMatchObject({ from: { address: 'any@mail.example.org' }, subject: 'S' });
  });

  it.each([
    ['who is not verified', { Source: 'ops@example.net' }, 'MessageRejected'],
    ['whose domain only ends like a verified one', { Source: 'ops@badexample.org' }, 'MessageRejected'],
    ['who gives a verified address as a name', { Source: '"ops@example.com" <evil@x.com>' }, 'MessageRejected'],
    ['who has a second line', { Source: 'ops@example.com\r\nBcc: x@y.com' }, 'InvalidParameterValue'],
  ])('refuses a sender %s', async (_, more, code) => {
    await expect(send({ ...EMAIL, ...more })).rejects.toMatchObject({ code });
    expect(await sent()).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{ ConfigurationSetName: 'x' }, 'ConfigurationSetName of SendEmail is not supported here'],
    [{ Destination: {} }, 'needs at least one address'],
    [{ Destination: { ToAddresses: many(49), CcAddresses: many(2) } }, 'Recipient count exceeds 50.'],
    [{ Message: { Subject: data('a\nX: y'), Body: { Text: data('b') } } }, 'must be one line'],
    [{ Message: { Subject: data('a'), Body: {} } }, 'Body must have Text or Html'],
  ])('refuses %j', async (more, words) => {
    await expect(send({ ...EMAIL, ...more })).rejects.toThrow(words);
  });

  it('sends so many in a second, and the rest when it is asked later', async () => {
    for (let i = 0; i < 14; i++) await send(EMAIL);
    await expect(send(EMAIL)).rejects.toMatchObject({ code: 'Throttling' });
    time = 1000;
    await send(EMAIL);
  });

  it('says what is wrong in the words of each API', async () => {
    const missing = (member: string): string =>
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`;
    const { Source: _source, ...anonymous } = EMAIL;
    await expect(send(anonymous)).rejects.toMatchObject({ code: 'ValidationError', message: missing('source') });
    const Content = { Simple: { Subject: data('S'), Body: { Text: data('hello') } } };
    const second = { FromEmailAddress: 'ops@example.com', Destination: EMAIL.Destination };
    await expect(send(second, 'v2')).rejects.toMatchObject({
      code: 'BadRequestException',
      message: missing('content'),
    });
    await expect(send({ ...second, Content, EmailTags: [] }, 'v2')).rejects.toMatchObject({
      code: 'BadRequestException',
    });
    for (let i = 0; i < 14; i++) await send({ ...second, Content }, 'v2');
    await expect(send({ ...second, Content }, 'v2')).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      status: 429,
      message: 'Maximum sending rate exceeded.',
    });
  });
});

describe('SendRawEmail', () => {
  const raw = (text: string, more: JsonObject = {}): Promise<JsonObject> =>
    send({ RawMessage: data(Buffer.from(text).toString('base64')), ...more }, 'v1', 'SendRawEmail');
  const MAIL =
    'From: Ops <ops@example.com>\r\nTo: "A, B" <a@x.com>,\r\n b@x.com\r\nBcc: c@x.com\r\nMessage-ID: <mine>\r\nSubject: s\r\n\r\nbody\r\n.\r\nend';

  it('sends the bytes, but for Bcc and with an id of its own', async () => {
    const { MessageId } = await raw(MAIL);
    const [name = ''] = readdirSync(directory);
    const text = readFileSync(join(directory, name), 'latin1');
    expect(text).toBe(
      `From: Ops <ops@example.com>\r\nTo: "A, B" <a@x.com>,\r\n b@x.com\r\nSubject: s\r\nMessage-ID: <${String(MessageId)}>\r\n\r\nbody\r\n.\r\nend`,
    );
  });

  it.each<[string, string, JsonObject, string]>([
    ['a sender who is not verified', MAIL.replace('ops@example.com', 'x@y.com'), {}, 'MessageRejected'],
    [
      'another sender behind a verified envelope',
      MAIL.replace('ops@example.com', 'x@y.com'),
      { Source: 'ops@example.com' },
      'MessageRejected',
    ],
    ['somebody else who has sent it', `Sender: x@y.com\r\n${MAIL}`, {}, 'MessageRejected'],
    ['somebody else whom it is to go back to', `Return-Path: <x@y.com>\r\n${MAIL}`, {}, 'MessageRejected'],
    ['an envelope that is not verified', MAIL, { Source: 'x@y.com' }, 'MessageRejected'],
    ['two senders', MAIL.replace('\r\nTo', ', x@y.com\r\nTo'), {}, 'InvalidParameterValue'],
    ['no sender', MAIL.replace('From', 'X-From'), {}, 'InvalidParameterValue'],
    ['nobody to send it to', MAIL.replace(/To:.*?\r\nMess/s, 'Mess'), {}, 'InvalidParameterValue'],
    ['a line that is no header', `x\r\n${MAIL}`, {}, 'InvalidParameterValue'],
    ['half the end of a line', MAIL.replace('Subject: s', 'Subject: s\rBcc: d@x.com'), {}, 'InvalidParameterValue'],
  ])('refuses %s', async (_, text, more, code) => {
    await expect(raw(text, more)).rejects.toMatchObject({ code });
    expect(readdirSync(directory)).toEqual([]);
  });
});
