/**
 * Who is calling: a key that this directory has issued is verified, and what is asked for is done as the role that it was issued
 * to, for the invocation or attempt that its session token names. Every other key on this machine is the owner's, its signature
 * unchecked.
 */
import type { IncomingMessage } from 'node:http';
import type { Role } from '../access/policy.ts';
import { SESSION_HEADER } from '../access/session-header.ts';
import type { Sessions, Work } from '../access/sessions.ts';
import { ServiceError } from '../ports/service-error.ts';
import { readSignedHeader, verifySignature } from './signature.ts';

export interface IssuedKey {
  readonly secretAccessKey: string;
  readonly role: Role;
}

export type KeyOf = (accessKeyId: string) => IssuedKey | undefined;

export interface Caller {
  /** Undefined for the owner. */
  readonly role: Role | undefined;
  /** For whom it is done; undefined when it is for no invocation of a function and no job. */
  readonly work: Work | undefined;
}

export interface Callers {
  /**
   * Who has signed the request, in its header.
   * @param body undefined where the hash of the body stands in a header, as with S3
   * @throws ServiceError when it is signed with a key of ours and the signature is wrong, or its session is over
   */
  of(incoming: IncomingMessage, body: Buffer | undefined): Caller;
  /** Whose key the request names, whatever its signature is. */
  named(incoming: IncomingMessage): Role | undefined;
  /** Who has signed the link that the request is; its signature is verified elsewhere. @throws ServiceError InvalidToken */
  ofLink(incoming: IncomingMessage): Role | undefined;
}

export interface CallersParams {
  /** The keys that this directory has issued, and to whom. */
  readonly keyOf: KeyOf;
  readonly sessions: Sessions;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createCallers({ keyOf, sessions, now }: CallersParams): Callers {
  const keyIn = (authorization = ''): IssuedKey | undefined =>
    keyOf(/Credential=([^/,\s]+)/.exec(authorization)?.[1] ?? '');
  return {
    named: ({ headers }) => keyIn(headers.authorization)?.role,
    of: (incoming, body) => {
      const { authorization, [SESSION_HEADER]: header } = incoming.headers;
      const key = keyIn(authorization);
      const announced = typeof header === 'string' ? sessions.find(header) : undefined;
      if (!key) return { role: undefined, work: announced?.work };
      const signed = readSignedHeader(authorization);
      if (!signed)
        throw new ServiceError(
          'IncompleteSignature',
          'The Authorization header is none of AWS Signature Version 4.',
          403,
        );
      const refuse = REFUSALS[signed.service] ?? IN_JSON;
      const token = incoming.headers[TOKEN];
      if (typeof token !== 'string' || !signed.signedHeaders.includes(TOKEN)) throw refuse.missing;
      verifySignature({ incoming, signed, secretAccessKey: key.secretAccessKey, body, now: now() });
      if (!sessions.isOf(key.role.name, token)) throw refuse.invalid;
      // Which of its worker's invocations it is, the header knows better: clients keep the token that they have begun with.
      const found = sessions.find(token);
      const { work } = (found && announced?.role === key.role.name ? announced : found) ?? {};
      if (!work) throw refuse.expired;
      return { role: key.role, work };
    },
    ofLink: ({ url = '' }) => {
      const role = keyOf(/[?&]X-Amz-Credential=([^&%/]+)/.exec(url)?.[1] ?? '')?.role;
      if (!role) return undefined;
      const token = new URLSearchParams(url.slice(url.indexOf('?'))).get('X-Amz-Security-Token');
      if (!sessions.isOf(role.name, token ?? '')) throw IN_S3.invalid;
      return role;
    },
  };
}

const TOKEN = 'x-amz-security-token';

/** What a request is refused with because of its token, in the words of each protocol. */
interface TokenRefusals {
  readonly missing: ServiceError;
  readonly invalid: ServiceError;
  readonly expired: ServiceError;
}

const IN_S3: TokenRefusals = {
  missing: new ServiceError(
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records. It is a key of a function or a job: sign with its AWS_SESSION_TOKEN too.',
    403,
  ),
  invalid: new ServiceError('InvalidToken', 'The provided token is malformed or otherwise invalid.'),
  expired: new ServiceError('ExpiredToken', 'The provided token has expired.'),
};

const INVALID = 'The security token included in the request is invalid.';
const EXPIRED = 'The security token included in the request is expired';

const IN_JSON: TokenRefusals = {
  missing: new ServiceError('UnrecognizedClientException', INVALID),
  invalid: new ServiceError('UnrecognizedClientException', INVALID),
  expired: new ServiceError('ExpiredTokenException', EXPIRED),
};

const IN_QUERY: TokenRefusals = {
  missing: new ServiceError('InvalidClientTokenId', INVALID, 403),
  invalid: new ServiceError('InvalidClientTokenId', INVALID, 403),
  expired: new ServiceError('ExpiredToken', EXPIRED, 403),
};

const REFUSALS: Readonly<Record<string, TokenRefusals>> = {
  s3: IN_S3,
  sns: IN_QUERY,
  ses: IN_QUERY,
  sqs: IN_QUERY,
  sts: IN_QUERY,
};
