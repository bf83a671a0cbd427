import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MailMessage } from '../../ports/mail.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { createMailer } from './mailer.ts';

const MESSAGE: MailMessage = {
  from: 'Fanfold <sender@example.com>',
  to: ['ada@example.com', '"Lovelace, Ada" <lovelace@example.com>'],
  subject: 'Prüfung: done ✓',
  text: 'Total: 10 €\n.\nend',
  html: '<p>Total: <b>10 €</b></p>',
};
const MESSAGE_ID = /^[0-9a-f]{32}@fanfold\.local$/;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-mail-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const intoFolder = (sync = async () => {}) => createMailer({ transport: { kind: 'folder', directory }, sync });

describe('mail into a folder', () => {
  it('is a file that mail programs read', async () => {
    const { messageId } = await intoFolder().send(MESSAGE, 'key');
    expect(messageId).toMatch(MESSAGE_ID);
    const mail = await PostalMime.parse(readFileSync(join(directory, `${messageId}.eml`)));
    expect(mail).toMatchObject({
      messageId: `<${messageId}>`,
      from: { name: 'Fanfold', address: 'sender@example.com' },
      to: [
        { name: '', address: 'ada@example.com' },
        { name: 'Lovelace, Ada', address: 'lovelace@example.com' },
      ],
      subject: 'Prüfung: done ✓',
    });
    expect(mail.text?.trim()).toBe('Total: 10 €\n.\nend');
    expect(mail.html).toContain('<b>10 €</b>');
    expect(Date.parse(mail.date ?? '')).toBeGreaterThan(0);
  });

  it('stays one file, however often it is sent with the same key', async () => {
    const mailer = intoFolder();
    const ids = await Promise.all(Array.from({ length: 10 }, () => mailer.send(MESSAGE, 'same')));
    const other = await mailer.send(MESSAGE, 'other');
    expect(new Set(ids.map(({ messageId }) => messageId)).size).toBe(1);
    expect(readdirSync(directory).sort()).toEqual([`${ids[0]?.messageId}.eml`, `${other.messageId}.eml`].sort());
  });

  it('keeps any key from becoming a path', async () => {
    await intoFolder().send(MESSAGE, '../../etc/passwd\0');
    for (const name of readdirSync(directory)) expect(name).toMatch(/^[0-9a-f]{32}@fanfold\.local\.eml$/);
  });

  it('goes out after a synced commit, and not at all without one (I2)', async () => {
    const order: string[] = [];
    await intoFolder(async () => {
      order.push(`synced with ${readdirSync(directory).length} mails out`);
    }).send(MESSAGE, 'key');
    expect(order).toEqual(['synced with 0 mails out']);
    const failing = intoFolder(() => Promise.reject(new Error('disk full')));
    await expect(failing.send(MESSAGE, 'second')).rejects.toThrow('disk full');
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('makes the folder and clears what a crash left there, but nothing else', async () => {
    const outbox = join(directory, 'a', 'outbox');
    mkdirSync(outbox, { recursive: true });
    writeFileSync(join(outbox, '.0a8f3a3e-0000-4000-8000-000000000000.tmp'), 'half');
    writeFileSync(join(outbox, 'notes.tmp'), 'mine');
    const mailer = createMailer({ transport: { kind: 'folder', directory: outbox }, sync: async () => {} });
    const { messageId } = await mailer.send(MESSAGE, 'key');
    expect(readdirSync(outbox).sort()).toEqual([`${messageId}.eml`, 'notes.tmp'].sort());
  });

  it('says which folder cannot be written', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const mailer = createMailer({ transport: { kind: 'folder', directory: file }, sync: async () => {} });
    await expect(mailer.send(MESSAGE, 'key')).rejects.toThrow(`outbox folder ${file}`);
    rmSync(file);
    await mailer.send(MESSAGE, 'key');
  });
});

describe('a malformed mail', () => {
  const cases: readonly (readonly [string, Partial<Record<keyof MailMessage, unknown>>])[] = [
    ['no recipient', { to: [] }],
    ['recipients that are no list', { to: 'ada@example.com' }],
    ['no address', { to: ['ada'] }],
    ['two addresses in one', { to: ['a@example.com, b@example.com'] }],
    ['a second address behind the first', { to: ['<a@example.com> <b@example.com>'] }],
    ['a header in the subject', { subject: 'x\r\nBcc: b@example.com' }],
    ['a bare line feed in the subject', { subject: 'x\nBcc: b@example.com' }],
    ['a header in a name', { from: 'x\r\nBcc: y <a@example.com>' }],
    ['a header in an address', { to: ['a@example.com\r\nBcc: b@example.com'] }],
    ['half a character in an address', { to: ['\ud800@example.com'] }],
    ['an address that is shown the other way round', { to: ['a\u202e@example.com'] }],
    ['an address with what cannot be seen', { to: ['a@example.com\u200b'] }],
    ['a domain with nothing between its dots', { to: ['a@example..com'] }],
    ['a domain that ends with a dot', { to: ['a@example.com.'] }],
    ['a domain that begins with a hyphen', { to: ['a@-example.com'] }],
    ['a number for a domain', { to: ['a@127.0.0.1'] }],
    ['too long a name before the @', { to: [`${'é'.repeat(33)}@example.com`] }],
    ['too long a part of a domain', { to: [`a@${'b'.repeat(64)}.com`] }],
    ['too long a domain', { to: [`a@${'b.'.repeat(127)}com`] }],
    ['an empty sender', { from: '' }],
    ['a body that names a file', { text: { path: '/etc/passwd' } }],
    ['no body', { text: undefined, html: undefined }],
    ['a subject that is no text', { subject: 7 }],
  ];
  it.each(cases)('with %s is refused before anything happens', async (_name, part) => {
    let synced = false;
    const mailer = intoFolder(async () => {
      synced = true;
    });
    const sent = mailer.send({ ...MESSAGE, ...part } as MailMessage, 'key');
    await expect(sent).rejects.toMatchObject({ name: 'ServiceError', code: 'InvalidParameterValue', status: 400 });
    expect(synced).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(['=?utf-8?q?=0d=0aBcc:_b@example.com?=', 'Done =?us-ascii?q?x?= =?', `${'x'.repeat(70)} =?utf-8?b?eA==?=`])(
    'does not make another subject of what looks encoded: %s',
    async (subject) => {
      const { messageId } = await intoFolder().send({ ...MESSAGE, subject }, 'key');
      const mail = await PostalMime.parse(readFileSync(join(directory, `${messageId}.eml`)));
      expect(mail.subject).toBe(subject);
    },
  );

  it('never gives a mail other headers, recipients or subject than were asked for', async () => {
    const mailer = intoFolder();
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(text, text, async (subject, name) => {
        const message = { ...MESSAGE, to: [`${name} <ada@example.com>`], subject };
        const sent = await mailer.send(message, 'key').catch((error: unknown) => {
          expect(error).toBeInstanceOf(ServiceError);
        });
        if (!sent) return;
        const mail = await PostalMime.parse(readFileSync(join(directory, `${sent.messageId}.eml`)));
        expect(mail.to?.map(({ address }) => address)).toEqual(['ada@example.com']);
        expect(mail.cc ?? mail.bcc).toBeUndefined();
        const headers = ['content-type', 'date', 'from', 'message-id', 'mime-version', 'to', 'subject'];
        expect(headers).toEqual(expect.arrayContaining(mail.headers.map(({ key }) => key)));
      }),
      { numRuns: 60 },
    );
  });

  it('gets the sender of the mailer when it has none', async () => {
    const transport = { kind: 'folder', directory } as const;
    const mailer = createMailer({ transport, sync: async () => {}, from: 'batch@example.com' });
    const { messageId } = await mailer.send({ ...MESSAGE, from: '' }, 'key');
    const mail = await PostalMime.parse(readFileSync(join(directory, `${messageId}.eml`)));
    expect(mail.from?.address).toBe('batch@example.com');
  });
});

describe('mail to an SMTP server', () => {
  interface Received {
    readonly from: string;
    readonly to: readonly string[];
    readonly bytes: Buffer;
  }
  let server: SMTPServer | undefined;
  afterEach(async () => {
    if (server) await new Promise<void>((resolve) => server?.close(resolve));
    server = undefined;
  });

  async function serve(options: SMTPServerOptions = {}): Promise<{ port: number; received: Received[] }> {
    const received: Received[] = [];
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      ...options,
      onData: async (stream, { envelope }, done) => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        received.push({ from, to: envelope.rcptTo.map(({ address }) => address), bytes: await buffer(stream) });
        done();
      },
    });
    server.on('error', () => {});
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const { port } = server.server.address() as { port: number };
    return { port, received };
  }
  const through = (url: string) => createMailer({ transport: { kind: 'smtp', url }, sync: async () => {} });

  it('arrives as it was written', async () => {
    const { port, received } = await serve();
    const { messageId } = await through(`smtp://127.0.0.1:${port}`).send(MESSAGE, 'key');
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      from: 'sender@example.com',
      to: ['ada@example.com', 'lovelace@example.com'],
    });
    const mail = await PostalMime.parse(received[0]?.bytes ?? '');
    expect(mail).toMatchObject({ messageId: `<${messageId}>`, subject: MESSAGE.subject });
    expect(mail.text?.trim()).toBe('Total: 10 €\n.\nend');
  });

  it('carries the same id when it is sent again', async () => {
    const { port, received } = await serve();
    const mailer = through(`smtp://127.0.0.1:${port}`);
    await Promise.all([mailer.send(MESSAGE, 'key'), mailer.send(MESSAGE, 'key')]);
    const ids = await Promise.all(received.map(async ({ bytes }) => (await PostalMime.parse(bytes)).messageId));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('is refused with the server and its answer, and without the password', async () => {
    const { port } = await serve({
      authOptional: false,
      onAuth: ({ username, password }, _session, done) => done(new Error(`no ${username} with ${password}`)),
    });
    const sent = through(`smtp://us%40er:s%2Fecret@127.0.0.1:${port}`).send(MESSAGE, 'key');
    const error = await sent.catch((error: unknown) => error as ServiceError);
    expect(error).toMatchObject({ code: 'MessageRejected', message: expect.stringContaining(`127.0.0.1:${port}`) });
    const { stack } = error as ServiceError;
    for (const secret of ['s/ecret', 's%2Fecret', 'us@er']) expect(stack).not.toContain(secret);
  });

  it('is refused when one of its recipients is', async () => {
    const { port } = await serve({
      onRcptTo: ({ address }, _session, done) => done(address.startsWith('ada') ? new Error('unknown') : null),
    });
    await expect(through(`smtp://127.0.0.1:${port}`).send(MESSAGE, 'key')).rejects.toMatchObject({
      code: 'MessageRejected',
      message: expect.stringContaining('not for ada@example.com'),
    });
  });

  it('can be tried again when the server is away or out of order', async () => {
    const away = createServer().listen(0, '127.0.0.1');
    await once(away, 'listening');
    const { port } = away.address() as { port: number };
    await new Promise((resolve) => away.close(resolve));
    await expect(through(`smtp://u:pw123@127.0.0.1:${port}`).send(MESSAGE, 'key')).rejects.toMatchObject({
      code: 'ServiceUnavailable',
      status: 503,
      message: expect.stringMatching(new RegExp(`^The SMTP server 127\\.0\\.0\\.1:${port} did not take the mail \\(E`)),
    });
    const busy = await serve({
      onMailFrom: (_address, _session, done) => done(Object.assign(new Error('busy'), { responseCode: 421 })),
    });
    await expect(through(`smtp://127.0.0.1:${busy.port}`).send(MESSAGE, 'key')).rejects.toMatchObject({
      code: 'ServiceUnavailable',
    });
  });

  it('needs an address that is one', () => {
    for (const url of ['mail.example.com', 'http://user:secret@example.com', 'smtp://']) {
      expect(() => through(url)).toThrow('The mail server must be given as smtp://');
      expect(() => through(url)).not.toThrow('secret');
    }
  });
});
