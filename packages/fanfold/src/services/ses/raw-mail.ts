/** A mail that somebody has composed: who it is from and for, read off its headers. */
import type { RawMail } from '../../ports/mail.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { address, invalid, type MailAddress } from './mail-check.ts';

export interface ReadMail {
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  /** Who its headers say that it is from, or sent by. */
  readonly senders: readonly MailAddress[];
  /** Each with its name and its lines as they are, without Message-ID and Bcc. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Bytes, as SES takes them. */
const LONGEST = 40 * 1024 * 1024;
/** Of one mail, as SES has it. */
export const MOST_RECIPIENTS = 50;
/** What some servers take for the end of a line, or of the text. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const STRAY = /\r(?!\n)|\0/;

/** @throws ServiceError InvalidParameterValue */
export function readRawMail({ from, to, bytes }: RawMail): ReadMail {
  if (bytes.length > LONGEST) throw new ServiceError('InvalidParameterValue', `A mail has at most ${LONGEST} bytes.`);
  const source = Buffer.from(bytes);
  const { head, body } = split(source);
  if (STRAY.test(head)) throw invalid('headers', 'have a carriage return of its own, or U+0000', head.slice(0, 200));
  const headers = head.split(/\r?\n(?![ \t])/).filter((line) => line !== '');
  for (const header of headers)
    if (!/^[!-9;-~]+:/.test(header)) throw invalid('headers', 'have a line that is none', header.slice(0, 200));
  const named = (name: string): readonly string[] =>
    headers
      .filter((header) => header.slice(0, header.indexOf(':')).toLowerCase() === name)
      .map((header) => header.slice(header.indexOf(':') + 1).replace(/\r?\n[ \t]/g, ' '));
  const senders = named('from').flatMap(addresses);
  if (senders.length !== 1) throw invalid('From', 'must be one address', senders);
  const others = ['sender', 'return-path'].flatMap((name) => named(name).flatMap(addresses)).filter(isSomebody);
  const recipients = to ?? ['to', 'cc', 'bcc'].flatMap((name) => named(name).flatMap(addresses));
  if (recipients.length === 0) throw invalid('to', 'needs at least one address', recipients);
  if (recipients.length > MOST_RECIPIENTS)
    throw invalid('to', `has more than ${MOST_RECIPIENTS} addresses`, recipients.length);
  return {
    from: address('From', from ?? senders[0]),
    to: recipients.map((one) => address('to', one)),
    senders: [...senders, ...others].map((one) => address('From', one)),
    headers: headers.filter((header) => !/^(?:message-id|bcc|return-path)\s*:/i.test(header)),
    body,
  };
}

/** Notices of failures are from nobody. */
function isSomebody(one: string): boolean {
  return one !== '<>';
}

/** The addresses under From, Sender and Return-Path, whoever the envelope says it is from. @throws ServiceError InvalidParameterValue */
export function sendersOf(bytes: Uint8Array): readonly string[] {
  return readRawMail({ bytes, to: ['any@example.com'] }).senders.map((one) => one.address);
}

function split(source: Buffer): { readonly head: string; readonly body: Buffer } {
  const text = source.toString('latin1');
  const end = /\r?\n\r?\n/.exec(text);
  if (!end) return { head: text.replace(/\r?\n$/, ''), body: Buffer.alloc(0) };
  return { head: text.slice(0, end.index), body: source.subarray(end.index + end[0].length) };
}

/** What stands between the commas that are not within quotes or brackets. */
function addresses(list: string): readonly string[] {
  return (list.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^",<]|["<])+/g) ?? [])
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

export function withMessageId({ headers, body }: ReadMail, messageId: string): Buffer {
  const lines = [...headers, `Message-ID: <${messageId}>`].map((header) => header.replace(/\r?\n/g, '\r\n'));
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}
