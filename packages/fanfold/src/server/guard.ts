/** Asks whether whoever has sent a request may do what it asks for. */
import type { IncomingMessage } from 'node:http';
import type { AccessControl } from '../access/access-control.ts';
import { callAccess, functionArn, type Place } from '../access/call-access.ts';
import type { Access, Role } from '../access/policy.ts';
import type { JsonObject } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import { createCallers, type KeyOf } from './callers.ts';

export interface GuardParams {
  readonly access: AccessControl;
  /** The keys that this directory has issued, and to whom. */
  readonly keyOf: KeyOf;
  /** As whom a route of an API calls its function. */
  readonly roleOfApi: (name: string) => Role;
}

export interface Guard {
  /** @returns checks a call of one of AWS's APIs as whoever has signed the request @throws ServiceError when its signature is wrong */
  caller(
    incoming: IncomingMessage,
    body: Buffer | undefined,
  ): (service: string, action: string, input: JsonObject) => void;
  /** @throws ServiceError AccessDenied, as S3 has it, or when the signature is wrong */
  s3(incoming: IncomingMessage, accesses: () => readonly Access[]): void;
  /** @throws ServiceError AccessDeniedException */
  route(apiName: string, functionName: string): void;
  /** For what is the owner's alone. @throws ServiceError AccessDeniedException */
  owner(incoming: IncomingMessage): void;
}

/** Where no keys are issued, everybody is the owner. */
export const OPEN_GUARD: Guard = { caller: () => () => {}, s3: () => {}, route: () => {}, owner: () => {} };

export function createGuard({ access, keyOf, roleOfApi }: GuardParams, place: Place, now: () => number): Guard {
  const callers = createCallers(keyOf, now);
  return {
    caller: (incoming, body) => {
      const role = callers.of(incoming, body);
      return (service, action, input) => {
        if (role) access.check(role, callAccess(service, action, input, place));
      };
    },
    s3: (incoming, accesses) => {
      const role = callers.of(incoming, undefined) ?? callers.ofLink(incoming);
      if (role) inS3sWords(() => access.check(role, accesses()));
    },
    route: (apiName, functionName) =>
      access.check(roleOfApi(apiName), [
        { action: 'lambda:InvokeFunction', resource: functionArn(functionName, place) },
      ]),
    owner: (incoming) => {
      const role = callers.named(incoming);
      if (role)
        throw new ServiceError('AccessDeniedException', `${role.name} may not do this: only the owner may.`, 403);
    },
  };
}

function inS3sWords(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'AccessDeniedException')
      throw new ServiceError('AccessDenied', error.message, 403);
    throw error;
  }
}
