/**
 * What a bucket's own policy says of an access, beside the policy of who asks, as within one account of AWS: what either
 * denies is refused, what either allows is done.
 */
import { type Condition, type ConditionKeys, holds } from './conditions.ts';
import { type Access, matches, placeless } from './policy.ts';

export interface BucketPolicy {
  readonly statements: readonly ResourceStatement[];
}

export interface ResourceStatement {
  /** Empty where it has none. */
  readonly sid: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principals: readonly PolicyPrincipal[];
  readonly actions: Patterns;
  readonly resources: Patterns;
  readonly conditions: readonly Condition[];
}

/** `not`: all but these. */
export interface Patterns {
  readonly patterns: readonly string[];
  readonly not: boolean;
}

/** `account`: all of it, whom an Allow leaves to their own policies. `service`: a service of AWS, which none here is. */
export type PolicyPrincipal =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'account'; readonly account: string }
  | { readonly kind: 'role'; readonly name: string }
  | { readonly kind: 'service'; readonly service: string };

/** Who asks: a role, or the owner, who is the account itself. */
export interface Asker {
  readonly account: string;
  readonly role: string | undefined;
}

export interface Verdict {
  readonly effect: 'Allow' | 'Deny';
  readonly sid: string;
}

/** @returns undefined where no statement applies */
export function verdictOf(
  policy: BucketPolicy,
  asker: Asker,
  access: Access,
  keys: ConditionKeys,
): Verdict | undefined {
  const known: ConditionKeys = {
    ...keys,
    ...access.keys,
    'aws:principalarn': principalArn(asker),
    'aws:principalaccount': asker.account,
  };
  const applying = policy.statements.filter(
    ({ effect, principals, actions, resources, conditions }) =>
      principals.some((principal) => isMeant(principal, asker, effect)) &&
      isAmong(actions, (pattern) => matches(pattern.toLowerCase(), access.action.toLowerCase())) &&
      isAmong(resources, (pattern) => matches(placeless(pattern), placeless(access.resource))) &&
      conditions.every((condition) => holds(condition, known)),
  );
  return applying.find(({ effect }) => effect === 'Deny') ?? applying[0];
}

export function principalArn({ account, role }: Asker): string {
  return role === undefined ? `arn:aws:iam::${account}:root` : `arn:aws:iam::${account}:role/${role}`;
}

/** Whether anybody at all is allowed something, whatever they are. */
export function isPublic({ statements }: BucketPolicy): boolean {
  return statements.some(
    ({ effect, principals, conditions }) =>
      effect === 'Allow' && principals.some(({ kind }) => kind === 'anyone') && !conditions.some(isFixed),
  );
}

const FIXING: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
]);

function isFixed({ operator, ifExists, key, values }: Condition): boolean {
  return (
    FIXING.has(key) && !ifExists && !/Not|^Null$/.test(operator) && !values.some((value) => /^[*:]*$|\/0$/.test(value))
  );
}

function isMeant(principal: PolicyPrincipal, { account, role }: Asker, effect: 'Allow' | 'Deny'): boolean {
  switch (principal.kind) {
    case 'anyone':
      return true;
    case 'account':
      return principal.account === account && (effect === 'Deny' || role === undefined);
    case 'role':
      return principal.name === role;
    case 'service':
      return false;
    default:
      return principal satisfies never;
  }
}

function isAmong({ patterns, not }: Patterns, isOne: (pattern: string) => boolean): boolean {
  return patterns.some(isOne) !== not;
}
