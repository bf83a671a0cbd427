/** The one place where it is decided whether somebody may do what it is about to do. */
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import { type BucketPolicy, principalArn, type Verdict, verdictOf } from './bucket-policy.ts';
import type { ConditionKeys } from './conditions.ts';
import { type Access, refusal, type Role } from './policy.ts';

export interface AccessControl {
  /**
   * Every way in asks here: what comes over the wire, what a Task state does, what a function's context does.
   * @param role undefined is the owner, who may do everything but what the policy of a bucket denies
   * @param keys what is known of the request, for conditions @defaultValue it is made within this process
   * @throws ServiceError AccessDeniedException when not all of it is allowed
   */
  check(role: Role | undefined, accesses: readonly Access[], keys?: ConditionKeys): void;
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
  /** @defaultValue no bucket has one */
  readonly bucketPolicy?: (bucket: string) => BucketPolicy | undefined;
}

/** Nothing of it goes over a network. */
const WITHIN: ConditionKeys = { 'aws:securetransport': 'true' };

/** What the owner may do whatever a bucket's policy says, or nobody could mend it. */
const MENDING: ReadonlySet<string> = new Set(['s3:PutBucketPolicy', 's3:GetBucketPolicy', 's3:DeleteBucketPolicy']);

const INVOKE = 'lambda:InvokeFunction';

export function createAccessControl({
  logger,
  account,
  invokers = () => undefined,
  sources = () => undefined,
  bucketPolicy = () => undefined,
}: AccessControlParams): AccessControl {
  const refuse = (role: string | undefined, { action, resource }: Access, why: string): never => {
    logger.warn('Access was refused', { role: role ?? 'the owner', action, resource, why });
    throw new ServiceError(
      'AccessDeniedException',
      `User: ${principalArn({ account, role })} is not authorized to perform: ${action} on resource: ${resource} because ${why}`,
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
    check: (role, accesses, keys = WITHIN) => {
      for (const access of accesses) {
        const bucket = bucketOf(access);
        const policy = bucket === undefined ? undefined : bucketPolicy(bucket);
        const verdict = policy && verdictOf(policy, { account, role: role?.name }, access, keys);
        const refused = role && refusal(role.policy, access);
        if (refused === 'denied') refuse(role?.name, access, 'its policy denies it');
        if (verdict?.effect === 'Deny' && (role || !MENDING.has(access.action)))
          refuse(role?.name, access, `the policy of the bucket ${bucket} denies it${statement(verdict)}`);
        if (!role) continue;
        if (refused && !verdict)
          refuse(
            role.name,
            access,
            policy ? 'neither its policy nor the bucket’s allows it' : 'its policy does not allow it',
          );
        const allowed = access.action === INVOKE ? invokers(functionName(access.resource)) : undefined;
        if (allowed && !allowed.includes(role.name))
          refuse(role.name, access, `only ${allowed.join(', ') || 'nobody'} may invoke the function`);
      }
    },
  };
}

function bucketOf({ resource }: Access): string | undefined {
  return /^arn:[^:]*:s3:::([^/]+)/.exec(resource)?.[1];
}

function statement({ sid }: Verdict): string {
  return sid === '' ? '' : ` (statement ${sid})`;
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
