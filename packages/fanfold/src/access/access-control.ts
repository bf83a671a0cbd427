/** The one place where it is decided whether somebody may do what it is about to do. */
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import { type Access, refusal, type Role } from './policy.ts';

export interface AccessControl {
  /**
   * Every way in asks here: what comes over the wire, what a Task state does, what a function's context does.
   * @param role undefined is the owner, who may do everything
   * @throws ServiceError AccessDeniedException when not all of it is allowed
   */
  check(role: Role | undefined, accesses: readonly Access[]): void;
  /**
   * A topic, a rule or a bucket asks before it invokes a function: it has no role, so the function has to name it.
   * @param source its ARN
   * @throws ServiceError AccessDeniedException
   */
  checkSource(source: string, functionName: string): void;
}

export interface AccessControlParams {
  readonly logger: Logger;
  readonly account: string;
  /** The roles that may invoke a function, where not all may whose policy allows it. @defaultValue all may */
  readonly invokers?: (functionName: string) => readonly string[] | undefined;
  /** The topics, rules and buckets that may (`topic:news`), where not all may. @defaultValue all may */
  readonly sources?: (functionName: string) => readonly string[] | undefined;
}

const INVOKE = 'lambda:InvokeFunction';

export function createAccessControl({
  logger,
  account,
  invokers = () => undefined,
  sources = () => undefined,
}: AccessControlParams): AccessControl {
  const refuse = (name: string, { action, resource }: Access, why: string): never => {
    logger.warn('Access was refused', { role: name, action, resource, why });
    throw new ServiceError(
      'AccessDeniedException',
      `User: arn:aws:iam::${account}:role/${name} is not authorized to perform: ${action} on resource: ${resource} because ${why}`,
      403,
    );
  };
  return {
    checkSource: (arn, functionName) => {
      const allowed = sources(functionName);
      const source = sourceOf(arn);
      if (!allowed || (source.account === account && allowed.includes(source.name))) return;
      logger.warn('Access was refused', { source: arn, action: INVOKE, function: functionName });
      throw new ServiceError(
        'AccessDeniedException',
        `User: ${source.principal} is not authorized to perform: ${INVOKE} on resource: ${functionName} because ${source.name} ` +
          `(${arn}) does not stand in its invokedBy, and no ${source.kind} of the project file leads to it`,
        403,
      );
    },
    check: (role, accesses) => {
      if (!role) return;
      for (const access of accesses) {
        const refused = refusal(role.policy, access);
        if (refused === 'denied') refuse(role.name, access, 'its policy denies it');
        if (refused) refuse(role.name, access, 'its policy does not allow it');
        const allowed = access.action === INVOKE ? invokers(functionName(access.resource)) : undefined;
        if (allowed && !allowed.includes(role.name))
          refuse(role.name, access, `only ${allowed.join(', ') || 'nobody'} may invoke the function`);
      }
    },
  };
}

interface Source {
  readonly kind: string;
  /** As `invokedBy` has it. */
  readonly name: string;
  /** Who it is on AWS. */
  readonly principal: string;
  readonly account: string;
}

const SOURCES: Readonly<Record<string, Pick<Source, 'kind' | 'principal'>>> = {
  sns: { kind: 'topic', principal: 'sns.amazonaws.com' },
  events: { kind: 'rule', principal: 'events.amazonaws.com' },
};

function sourceOf(arn: string): Source {
  const [, , service = '', , account = '', ...rest] = arn.split(':');
  const known = Object.hasOwn(SOURCES, service) ? SOURCES[service] : undefined;
  const { kind, principal } = known ?? { kind: service, principal: `${service}.amazonaws.com` };
  return { kind, principal, account, name: `${kind}:${rest.join(':').replace(/^rule\//, '')}` };
}

function functionName(arn: string): string {
  return /:function:([^:]+)/.exec(arn)?.[1] ?? arn;
}
