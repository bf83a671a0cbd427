/** Mails to an SMTP server, a connection for each: they are few, and nothing has to be closed in the end. */
import type { Transporter } from 'nodemailer';
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js';
import { ServiceError } from '../../ports/service-error.ts';
import type { Outbox } from './outbox.ts';

const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;

/** @throws Error when the address is none; its password is not repeated */
export function createSmtpOutbox(url: string): Outbox {
  const server = parseServer(url);
  let transport: Promise<SmtpTransporter> | undefined;
  return {
    put: async ({ from, to, bytes }) => {
      transport ??= open(url);
      const rejected = await (
        await transport
      )
        .sendMail({ envelope: { from, to: [...to] }, raw: bytes })
        .then((info) => info.rejected.map(String))
        .catch((error: SmtpError) => {
          throw refusal(server, error);
        });
      if (rejected.length === 0) return;
      const message = `The SMTP server ${server.host} took the mail, but not for ${rejected.join(', ')}.`;
      throw new ServiceError('MessageRejected', message);
    },
  };
}

type SmtpTransporter = Transporter<SMTPTransport.SentMessageInfo>;

/** The library is loaded for the first mail: most processes send none. */
async function open(url: string): Promise<SmtpTransporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: IDLE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

interface SmtpError extends Error {
  /** Nodemailer's: ECONNECTION, EAUTH, EENVELOPE, … */
  readonly code?: string;
  /** The server's: 421, 550, … */
  readonly responseCode?: number;
}

interface Server {
  /** Name and port. */
  readonly host: string;
  /** What must not be shown. */
  readonly secrets: readonly string[];
}

function parseServer(text: string): Server {
  const url = URL.parse(text);
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    throw new Error('The mail server must be given as smtp://host:port or smtps://user:password@host:port.');
  const user = decode(url.username);
  const password = decode(url.password);
  const forms = [user, password, url.username, url.password, base64(password), base64(`\0${user}\0${password}`)];
  const secrets = password === '' ? [] : forms.filter((form) => form !== '').sort((a, b) => b.length - a.length);
  return { host: url.host, secrets };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The server's refusal is the sender's affair; anything else may be better when it is tried again. */
function refusal({ host, secrets }: Server, error: SmtpError): ServiceError {
  const reason = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), error.message);
  const code = error.responseCode ?? error.code ?? 'no code';
  const message = `The SMTP server ${host} did not take the mail (${code}): ${reason}`;
  const permanent = (error.responseCode ?? 0) >= 500;
  return permanent
    ? new ServiceError('MessageRejected', message)
    : new ServiceError('ServiceUnavailable', message, 503);
}
