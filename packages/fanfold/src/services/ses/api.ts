/**
 * The actions of SES that there are, of its first API and of its second (`SendEmail` of v2 has other parameters). Mails are sent
 * from verified addresses only: those that the project file has.
 */
import { randomUUID } from 'node:crypto';
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { ApiCall } from '../../ports/api-call.ts';
import type { Mailer, MailMessage } from '../../ports/mail.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { address } from './mail-check.ts';
import { MOST_RECIPIENTS, sendersOf } from './raw-mail.ts';

export interface MailApiParams {
  readonly mail: Mailer;
  /** Addresses and domains that mails may come from. */
  readonly identities: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly region: string;
}

export interface MailApi {
  readonly v1: ApiCall;
  readonly v2: ApiCall;
}

/** The codes that AWS's SDKs have a class for. */
export const SES_EXCEPTIONS: ReadonlySet<string> = new Set(['MessageRejected', 'LimitExceededException']);
export const SES_V2_EXCEPTIONS: ReadonlySet<string> = new Set([
  'MessageRejected',
  'BadRequestException',
  'LimitExceededException',
  'NotFoundException',
  'TooManyRequestsException',
]);

/** Code of the first API -> what the second says of the same, with its status. */
const IN_V2: Readonly<Record<string, readonly [code: string, status: number]>> = {
  Throttling: ['TooManyRequestsException', 429],
  InvalidParameterValue: ['BadRequestException', 400],
  ValidationError: ['BadRequestException', 400],
  InvalidAction: ['NotFoundException', 404],
};

/** Mails a second, as SES gives to new accounts. */
const RATE = 14;

interface Context extends MailApiParams {
  readonly key: string;
  readonly meter: () => void;
}

interface Action {
  readonly members: readonly string[];
  run(input: JsonObject, context: Context): JsonObject | Promise<JsonObject>;
}

const V1: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['SendEmail', { members: ['Source', 'Destination', 'Message', 'ReplyToAddresses'], run: sendV1 }],
  ['SendRawEmail', { members: ['Source', 'Destinations', 'RawMessage'], run: sendRawV1 }],
  [
    'ListIdentities',
    {
      members: ['IdentityType', 'NextToken', 'MaxItems'],
      run: (_, { identities }) => ({ Identities: [...identities] }),
    },
  ],
  ['GetIdentityVerificationAttributes', { members: ['Identities'], run: verificationOf }],
  ['GetSendQuota', { members: [], run: () => ({ Max24HourSend: -1, MaxSendRate: RATE, SentLast24Hours: 0 }) }],
  ['VerifyEmailIdentity', { members: ['EmailAddress'], run: cannotVerify }],
  ['VerifyDomainIdentity', { members: ['Domain'], run: cannotVerify }],
]);

const V2: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['SendEmail', { members: ['FromEmailAddress', 'Destination', 'ReplyToAddresses', 'Content'], run: sendV2 }],
]);

export function createMailApi(params: MailApiParams): MailApi {
  const meter = createMeter(params.now);
  const api =
    (actions: ReadonlyMap<string, Action>): ApiCall =>
    async (name, input, { idempotencyKey }) => {
      const action = actions.get(name);
      if (!action)
        throw new ServiceError(
          'InvalidAction',
          `The action ${name} of SES is not available here. Available are: ${[...actions.keys()].join(', ')}.`,
        );
      for (const [key, value] of Object.entries(input))
        if (value !== null && !action.members.includes(key))
          throw wrong(`${key} of ${name} is not supported here; leave it out.`);
      return action.run(input, { ...params, meter, key: `ses/${idempotencyKey ?? randomUUID()}` });
    };
  return { v1: api(V1), v2: inWordsOfV2(api(V2)) };
}

function inWordsOfV2(call: ApiCall): ApiCall {
  return async (...params) => {
    try {
      return await call(...params);
    } catch (error) {
      if (!(error instanceof ServiceError) || !Object.hasOwn(IN_V2, error.code)) throw error;
      const [code, status] = IN_V2[error.code] ?? [];
      throw new ServiceError(code ?? error.code, error.message, status);
    }
  };
}

/** Lets so many through in any second. @throws ServiceError Throttling */
function createMeter(now: () => number): () => void {
  let left = RATE;
  let at = now();
  return () => {
    const time = now();
    left = Math.min(RATE, left + (Math.max(0, time - at) / 1000) * RATE);
    at = time;
    if (left < 1) throw new ServiceError('Throttling', 'Maximum sending rate exceeded.');
    left -= 1;
  };
}

async function sendV1(input: JsonObject, context: Context): Promise<JsonObject> {
  const message = struct(input, 'Message');
  return send(
    text(input, 'Source'),
    input,
    { Subject: member(message, 'Subject') ?? null, Body: member(message, 'Body') ?? null },
    context,
  );
}

async function sendRawV1(input: JsonObject, context: Context): Promise<JsonObject> {
  const to = texts(input, 'Destinations');
  return sendRaw(text(struct(input, 'RawMessage'), 'Data'), optional(input, 'Source'), to, context);
}

async function sendV2(input: JsonObject, context: Context): Promise<JsonObject> {
  const content = struct(input, 'Content');
  const kinds = Object.keys(content);
  if (kinds.join() === 'Raw') {
    const { to, cc, bcc } = recipients(struct(input, 'Destination', {}));
    return sendRaw(
      text(struct(content, 'Raw'), 'Data'),
      optional(input, 'FromEmailAddress'),
      [...to, ...cc, ...bcc],
      context,
    );
  }
  if (kinds.join() !== 'Simple') throw wrong(`Content must be Simple or Raw here, not ${kinds.join(', ') || 'empty'}.`);
  return send(text(input, 'FromEmailAddress'), input, struct(content, 'Simple'), context);
}

async function send(
  from: string,
  input: JsonObject,
  { Subject, Body, ...rest }: JsonObject,
  context: Context,
): Promise<JsonObject> {
  for (const name of Object.keys(rest)) throw wrong(`${name} is not supported here; leave it out.`);
  const message: MailMessage = {
    from,
    ...recipients(struct(input, 'Destination')),
    replyTo: texts(input, 'ReplyToAddresses'),
    subject: contentOf(Subject ?? null, 'Subject') ?? '',
    ...bodies(Body ?? null),
  };
  const { to, cc = [], bcc = [] } = message;
  if (to.length + cc.length + bcc.length > MOST_RECIPIENTS) throw wrong(`Recipient count exceeds ${MOST_RECIPIENTS}.`);
  checkSender(address('Source', from).address, context);
  context.meter();
  const { messageId } = await context.mail.send(message, context.key);
  return { MessageId: messageId };
}

async function sendRaw(
  data: string,
  from: string | undefined,
  to: readonly string[],
  context: Context,
): Promise<JsonObject> {
  const bytes = Buffer.from(data, 'base64');
  for (const sender of sendersOf(bytes)) checkSender(sender, context);
  if (from !== undefined) checkSender(address('Source', from).address, context);
  context.meter();
  const mail = { bytes, ...(from !== undefined && { from }), ...(to.length > 0 && { to }) };
  const { messageId } = await context.mail.sendRaw(mail, context.key);
  return { MessageId: messageId };
}

/** @throws ServiceError MessageRejected */
function checkSender(sender: string, { identities, region }: Context): void {
  const lower = sender.toLowerCase();
  const domain = lower.slice(lower.lastIndexOf('@') + 1);
  const isVerified = identities.some((one) => {
    const identity = one.toLowerCase();
    return identity === lower || identity === domain || domain.endsWith(`.${identity}`);
  });
  if (!isVerified)
    throw new ServiceError(
      'MessageRejected',
      `Email address is not verified. The following identities failed the check in region ${region.toUpperCase()}: ${sender}. ` +
        'Add it to mail.identities of the project file.',
    );
}

function verificationOf(input: JsonObject, { identities }: Context): JsonObject {
  const known = texts(input, 'Identities').filter((one) => identities.includes(one));
  return { VerificationAttributes: Object.fromEntries(known.map((one) => [one, { VerificationStatus: 'Success' }])) };
}

function cannotVerify(): JsonObject {
  throw wrong('Addresses and domains are verified by standing in mail.identities of the project file.');
}

function recipients(destination: JsonObject): { to: readonly string[]; cc: readonly string[]; bcc: readonly string[] } {
  return {
    to: texts(destination, 'ToAddresses'),
    cc: texts(destination, 'CcAddresses'),
    bcc: texts(destination, 'BccAddresses'),
  };
}

function bodies(body: Json): Pick<MailMessage, 'text' | 'html'> {
  const given = isObject(body) ? body : {};
  const plain = contentOf(member(given, 'Text') ?? null, 'Text');
  const html = contentOf(member(given, 'Html') ?? null, 'Html');
  if (plain === undefined && html === undefined) throw wrong('Body must have Text or Html.');
  return { ...(plain !== undefined && { text: plain }), ...(html !== undefined && { html }) };
}

function contentOf(value: Json, name: string): string | undefined {
  if (value === null) return undefined;
  if (!isObject(value)) throw wrong(`${name} must be a structure with Data.`);
  return text(value, 'Data');
}

function struct(input: JsonObject, name: string, preset?: JsonObject): JsonObject {
  const value = member(input, name) ?? preset;
  if (value === undefined || value === null) throw missing(name);
  if (!isObject(value)) throw wrong(`${name} must be a structure.`);
  return value;
}

function text(input: JsonObject, name: string): string {
  const value = optional(input, name);
  if (value === undefined) throw missing(name);
  return value;
}

function optional(input: JsonObject, name: string): string | undefined {
  const value = member(input, name) ?? null;
  if (value === null) return undefined;
  if (typeof value !== 'string') throw wrong(`${name} must be a text.`);
  return value;
}

function texts(input: JsonObject, name: string): readonly string[] {
  const value = member(input, name) ?? [];
  if (!isArray(value) || value.some((one) => typeof one !== 'string')) throw wrong(`${name} must be a list of texts.`);
  return value as readonly string[];
}

/** In AWS's words. */
function missing(name: string): ServiceError {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return new ServiceError(
    'ValidationError',
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

function wrong(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}
