/** Makes the bytes of a message. */
import { createTransport } from 'nodemailer';
import type { CheckedMail } from './mail-check.ts';

/** RFC 5322: characters of a line. */
const LONGEST_LINE = 998;
/** Bytes of an encoded word: 75 characters with what is around them (RFC 2047). */
const WORD_BYTES = 42;

/**
 * Lines are folded at blanks. What has too few of them is written as encoded words, which may be parted anywhere; so is what looks
 * like an encoded word itself, or whoever reads the mail would see what it says when it is decoded.
 */
function foldable(subject: string): object {
  const longest = subject.split(' ').reduce((most, run) => Math.max(most, run.length), 0);
  if (longest < LONGEST_LINE - 'Subject: '.length && !subject.includes('=?')) return {};
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

/** A mail as the bytes that are sent. */
export async function compose({ bcc: _bcc, ...mail }: CheckedMail, messageId: string): Promise<Buffer> {
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
