/** Asks whether whoever has sent a request may do what it asks for. */
import type { IncomingMessage } from 'node:http';
import type { AccessControl } from '../access/access-control.ts';
import { callAccess, functionArn, type Place } from '../access/call-access.ts';
import type { ConditionKeys } from '../access/conditions.ts';
import type { Access, Role } from '../access/policy.ts';
import type { JsonObject } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import { machineNameOf } from '../state-machine-arn.ts';
import { type CallersParams, createCallers } from './callers.ts';

export interface GuardParams extends Pick<CallersParams, 'keyOf' | 'sessions'> {
  readonly access: AccessControl;
  /** As whom a route of an API calls its function. */
  readonly roleOfApi: (name: string) => Role;
}

/** Whoever has signed a request of one of AWS's APIs. */
export interface KnownCaller {
  /** The ARN of the execution that it works for. */
  readonly execution?: string;
  /** `function:load`; absent for the owner. */
  readonly role?: string;
  /** @param input asked for where the caller may not do everything @throws ServiceError AccessDeniedException, and what `input` throws */
  check(service: string, action: string, input: () => JsonObject): void;
}

/** Whoever has signed a request to S3. */
export interface S3Caller {
  /** The state machine for whose execution it is asked, by name. */
  readonly writer?: string;
  /** @throws ServiceError AccessDenied, as S3 has it */
  authorise(accesses: readonly Access[]): void;
}

export interface Guard {
  /** @throws ServiceError when the signature is wrong, or the session is over */
  caller(incoming: IncomingMessage, body: Buffer | undefined): KnownCaller;
  /** @throws ServiceError when the signature is wrong, or the session is over */
  s3(incoming: IncomingMessage): S3Caller;
  /** @throws ServiceError AccessDeniedException */
  route(apiName: string, functionName: string): void;
  /** For what is the owner's alone. @throws ServiceError AccessDeniedException */
  owner(incoming: IncomingMessage): void;
}

/** Where no keys are issued, everybody is the owner. */
export const OPEN_GUARD: Guard = {
  caller: () => ({ check: () => {} }),
  s3: () => ({ authorise: () => {} }),
  route: () => {},
  owner: () => {},
};

export function createGuard(
  { access, keyOf, sessions, roleOfApi }: GuardParams,
  place: Place,
  now: () => number,
): Guard {
  const callers = createCallers({ keyOf, sessions, now });
  return {
    caller: (incoming, body) => {
      const { role, work } = callers.of(incoming, body);
      return {
        ...work,
        ...(role && { role: role.name }),
        check: (service, action, input) => {
          if (role) access.check(role, callAccess(service, action, input(), place));
        },
      };
    },
    s3: (incoming) => {
      const { role: signer, work } = callers.of(incoming, undefined);
      const role = signer ?? callers.ofLink(incoming);
      return {
        ...(work?.execution !== undefined && { writer: machineNameOf(work.execution) }),
        authorise: (accesses) => inS3sWords(() => access.check(role, accesses, sentBy(incoming))),
      };
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

/** What conditions of policies may ask of a request itself. */
function sentBy({ socket }: IncomingMessage): ConditionKeys {
  const { remoteAddress } = socket;
  return {
    'aws:securetransport': String('encrypted' in socket && socket.encrypted === true),
    ...(remoteAddress !== undefined && { 'aws:sourceip': remoteAddress }),
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
