/**
 * Mail, through an SMTP server or into a folder of `.eml` files. A message's id is made from its idempotency key: a mail
 * sent again after a crash is told to be the same by mail programs, and in the folder it stays one file.
 */
import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { Mailer } from '../../ports/mail.ts';
import { type CheckedMail, checkMail } from './mail-check.ts';
import { createFolderOutbox } from './outbox-folder.ts';
import { createSmtpOutbox } from './outbox-smtp.ts';
import { readRawMail, withMessageId } from './raw-mail.ts';

export type MailTransport =
  /** `smtp://` or `smtps://`, with user and password if the server wants them. */
  | { readonly kind: 'smtp'; readonly url: string }
  /** The folder is made when it is not there. */
  | { readonly kind: 'folder'; readonly directory: string };

export interface CreateMailerParams {
  readonly transport: MailTransport;
  /** Resolves once everything committed so far survives a power cut: a mail cannot be taken back (I2). */
  readonly sync: () => Promise<void>;
  /** The sender of messages whose `from` is empty. */
  readonly from?: string;
}

/** @throws Error when the SMTP address is none; its password is not repeated */
export function createMailer({ transport, sync, from }: CreateMailerParams): Mailer {
  const outbox = transport.kind === 'smtp' ? createSmtpOutbox(transport.url) : createFolderOutbox(transport.directory);
  return {
    send: async (message, idempotencyKey) => {
      const mail = checkMail(message, from);
      const messageId = messageIdOf(idempotencyKey);
      const bytes = await compose(mail, messageId);
      await sync();
      const to = [...mail.to, ...mail.cc, ...mail.bcc].map(({ address }) => address);
      await outbox.put({ messageId, from: mail.from.address, to, bytes });
      return { messageId };
    },
    sendRaw: async (raw, idempotencyKey) => {
      const messageId = messageIdOf(idempotencyKey);
      const mail = readRawMail(raw);
      const bytes = withMessageId(mail, messageId);
      await sync();
      await outbox.put({ messageId, from: mail.from.address, to: mail.to.map(({ address }) => address), bytes });
      return { messageId };
    },
  };
}

function messageIdOf(idempotencyKey: string): string {
  return `${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}@fanfold.local`;
}

/** RFC 5322: characters of a line. */
const LONGEST_LINE = 998;
/** Bytes of an encoded word: 75 characters with what is around them (RFC 2047). */
const WORD_BYTES = 42;

/** Lines are folded at blanks. What has too few of them is written as encoded words, which may be parted anywhere. */
function foldable(subject: string): object {
  const longest = subject.split(' ').reduce((most, run) => Math.max(most, run.length), 0);
  if (longest < LONGEST_LINE - 'Subject: '.length) return {};
  const words = pieces(subject, WORD_BYTES).map((piece) => `=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`);
  return { subject: undefined, headers: { Subject: { prepared: true, foldLines: true, value: words.join(' ') } } };
}

/** Parts a text between characters, into at most so many bytes each. */
function pieces(text: string, most: number): readonly string[] {
  const found: string[] = [''];
  let size = 0;
  for (const character of text) {
    const bytes = Buffer.byteLength(character);
    if (size + bytes > most) {
      found.push('');
      size = 0;
    }
    found[found.length - 1] += character;
    size += bytes;
  }
  return found;
}

/** Writes to memory: nodemailer's own way to have a message without sending it. */
const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

async function compose({ bcc: _bcc, ...mail }: CheckedMail, messageId: string): Promise<Buffer> {
  const { message } = await composer.sendMail({
    ...mail,
    ...foldable(mail.subject),
    to: [...mail.to],
    cc: [...mail.cc],
    replyTo: [...mail.replyTo],
    messageId: `<${messageId}>`,
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return message as Buffer;
}
