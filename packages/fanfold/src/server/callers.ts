/**
 * Who is calling: a key that this directory has issued is verified, and what is asked for is done as the role that it was issued
 * to. Every other key on this machine is the owner's, its signature unchecked.
 */
import type { IncomingMessage } from 'node:http';
import type { Role } from '../access/policy.ts';
import { ServiceError } from '../ports/service-error.ts';
import { readSignedHeader, verifySignature } from './signature.ts';

export interface IssuedKey {
  readonly secretAccessKey: string;
  readonly role: Role;
}

export type KeyOf = (accessKeyId: string) => IssuedKey | undefined;

export interface Callers {
  /**
   * Who has signed the request, in its header.
   * @param body undefined where the hash of the body stands in a header, as with S3
   * @returns undefined for the owner
   * @throws ServiceError when it is signed with a key of ours and the signature is wrong
   */
  of(incoming: IncomingMessage, body: Buffer | undefined): Role | undefined;
  /** Whose key the request names, whatever its signature is. */
  named(incoming: IncomingMessage): Role | undefined;
  /** Who has signed the link that the request is; its signature is verified elsewhere. */
  ofLink(incoming: IncomingMessage): Role | undefined;
}

export function createCallers(keyOf: KeyOf, now: () => number): Callers {
  const keyIn = (authorization = ''): IssuedKey | undefined =>
    keyOf(/Credential=([^/,\s]+)/.exec(authorization)?.[1] ?? '');
  return {
    named: ({ headers }) => keyIn(headers.authorization)?.role,
    of: (incoming, body) => {
      const { authorization } = incoming.headers;
      const key = keyIn(authorization);
      if (!key) return undefined;
      const signed = readSignedHeader(authorization);
      if (!signed)
        throw new ServiceError(
          'IncompleteSignature',
          'The Authorization header is none of AWS Signature Version 4.',
          403,
        );
      verifySignature({ incoming, signed, secretAccessKey: key.secretAccessKey, body, now: now() });
      return key.role;
    },
    ofLink: ({ url = '' }) => keyOf(/[?&]X-Amz-Credential=([^&%/]+)/.exec(url)?.[1] ?? '')?.role,
  };
}
