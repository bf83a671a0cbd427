/** Refuses mails that are not what they seem: header injection, two addresses in one, bodies that name files. */
import { utf8Length } from '../../json.ts';
import type { MailMessage } from '../../ports/mail.ts';
import { ServiceError } from '../../ports/service-error.ts';

export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

/** A mail whose parts can be written into a message as they are. */
export interface CheckedMail {
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly bcc: readonly MailAddress[];
  readonly replyTo: readonly MailAddress[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]/;
/** Nothing that cannot be seen either (`\p{C}`): what is shown would be another address than the one that gets the mail. */
const ADDR_SPEC = /^[^\s"(),:;<>@[\\\]\p{C}]+@[^\s"(),:;<>@[\\\]\p{C}]+$/u;
const NAMED = /^([^<>]*)<([^<>]*)>$/;
/** RFC 5321, in bytes. */
const LONGEST_LOCAL_PART = 64;
const LONGEST_DOMAIN = 255;
const LONGEST_LABEL = 63;

/**
 * @param sender used when the message itself has no sender
 * @throws ServiceError InvalidParameterValue
 */
export function checkMail(message: MailMessage, sender?: string): CheckedMail {
  const { from, to, cc = [], bcc = [], replyTo = [], subject, text, html } = message;
  if (!Array.isArray(to) || to.length + cc.length + bcc.length === 0)
    throw invalid('to', 'needs at least one address', to);
  if (text === undefined && html === undefined) throw invalid('text', 'or "html" has to be there', text);
  if ((from || sender) === undefined) throw NO_SENDER;
  return {
    from: address('from', from || sender),
    to: to.map((recipient) => address('to', recipient)),
    cc: cc.map((recipient) => address('cc', recipient)),
    bcc: bcc.map((recipient) => address('bcc', recipient)),
    replyTo: replyTo.map((recipient) => address('replyTo', recipient)),
    subject: line('subject', subject),
    ...(text !== undefined && { text: body('text', text) }),
    ...(html !== undefined && { html: body('html', html) }),
  };
}

const NO_SENDER = new ServiceError(
  'InvalidParameterValue',
  'The mail has no sender: say "from", or set mail.from in the project file.',
);

/** One address, with or without a name. @throws ServiceError InvalidParameterValue */
export function address(field: string, value: unknown): MailAddress {
  const text = line(field, value).trim();
  const [, name = '', inner] = NAMED.exec(text) ?? [];
  const bare = (inner ?? text).trim();
  if (!ADDR_SPEC.test(bare) || !isDeliverable(bare))
    throw invalid(field, 'must be one address, such as ada@example.com or Ada <ada@example.com>', value);
  return { name: unquote(name.trim()), address: bare };
}

/** Whether the domain can be one, and is no number; all of a length that mail servers take. */
function isDeliverable(bare: string): boolean {
  const [local = '', domain = ''] = bare.split('@');
  const labels = domain.split('.');
  return (
    utf8Length(local) <= LONGEST_LOCAL_PART &&
    utf8Length(domain) <= LONGEST_DOMAIN &&
    labels.every((label) => /^[^-](?:.*[^-])?$/.test(label) && utf8Length(label) <= LONGEST_LABEL) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

function unquote(name: string): string {
  return /^".*"$/.test(name) ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name;
}

function line(field: string, value: unknown): string {
  if (typeof value !== 'string') throw invalid(field, 'must be a text', value);
  if (CONTROL.test(value)) throw invalid(field, 'must be one line without control characters', value);
  return value;
}

function body(field: string, value: unknown): string {
  if (typeof value !== 'string') throw invalid(field, 'must be a text', value);
  return value;
}

export function invalid(field: string, problem: string, value: unknown): ServiceError {
  const shown = (JSON.stringify(value) ?? String(value)).slice(0, 200);
  return new ServiceError('InvalidParameterValue', `The mail's "${field}" ${problem}; it is ${shown}.`);
}
