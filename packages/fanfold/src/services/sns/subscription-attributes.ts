/** What may be set for a subscription. */
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';
import { findPatternProblem } from '../event-pattern.ts';
import { invalidParameter } from './sns-error.ts';

/** As AWS has them. */
const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;

/** @throws ServiceError InvalidParameter */
export function checkSubscriptionAttributes(attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    const flaw = Object.hasOwn(CHECKS, name)
      ? CHECKS[name]?.(value, attributes)
      : 'is not supported here; leave it out';
    if (flaw !== undefined) throw invalidParameter(`Attributes Reason: ${name}: ${flaw}`);
  }
}

type Check = (value: string, attributes: Readonly<Record<string, string>>) => string | undefined;

const CHECKS: Readonly<Record<string, Check>> = {
  RawMessageDelivery: (value) => (/^(?:true|false)$/i.test(value) ? undefined : 'must be true or false'),
  FilterPolicyScope: (value) =>
    /^Message(?:Attributes|Body)$/.test(value) ? undefined : 'must be MessageAttributes or MessageBody',
  FilterPolicy: (value, { FilterPolicyScope: scope = 'MessageAttributes' }) => {
    if (value === '' || value === '{}') return undefined;
    let policy: Json;
    try {
      policy = JSON.parse(value) as Json;
    } catch {
      return 'must be JSON';
    }
    return findPatternProblem(policy) ?? findPolicyProblem(policy as JsonObject, scope);
  },
};

/** @param policy that is a pattern */
function findPolicyProblem(policy: JsonObject, scope: string): string | undefined {
  const leaves = leavesOf(policy, 1);
  // Attributes of a message have no members: such a policy would let nothing through.
  if (scope === 'MessageAttributes' && leaves.some(({ depth }) => depth > 1))
    return 'Filter policy scope MessageAttributes does not support nested filter policy';
  if (leaves.length > MOST_KEYS) return `Filter policy can not have more than ${MOST_KEYS} keys`;
  const combinations = leaves.reduce((product, { values, depth }) => product * values * depth, 1);
  return combinations > MOST_COMBINATIONS ? 'Filter policy is too complex' : undefined;
}

interface Leaf {
  readonly values: number;
  readonly depth: number;
}

function leavesOf(policy: JsonObject, depth: number): readonly Leaf[] {
  return Object.entries(policy).flatMap(([name, wanted]) => {
    if (name === '$or' && isArray(wanted)) return wanted.flatMap((one) => (isObject(one) ? leavesOf(one, depth) : []));
    if (isArray(wanted)) return [{ values: wanted.length, depth }];
    return isObject(wanted) ? leavesOf(wanted, depth + 1) : [];
  });
}
