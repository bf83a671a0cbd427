/** Conditions of bucket policies: operators and keys, each a table. What is in none is refused by name, never passed over. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { matches } from './policy.ts';

/** What is known of a request, by the names of {@link CONDITION_KEYS} in lower case; absent is what does not go with it. */
export type ConditionKeys = Readonly<Record<string, string>>;

export interface Condition {
  /** Of {@link OPERATORS}, or `Null`. */
  readonly operator: string;
  /** Holds too where the key is absent. */
  readonly ifExists: boolean;
  /** In lower case. */
  readonly key: string;
  readonly values: readonly string[];
}

interface Operator {
  readonly holds: (found: string, wanted: string) => boolean;
  /** Holds where no value does, and where the key is absent. */
  readonly negated?: true;
  /** What values are; anything where undefined. */
  readonly takes?: { readonly what: string; readonly is: (value: string) => boolean };
}

const NUMBER = {
  what: 'a number',
  is: (value: string): boolean => value.trim() !== '' && !Number.isNaN(Number(value)),
};
const TRUTH = { what: 'true or false', is: (value: string): boolean => /^(?:true|false)$/i.test(value) };
const NETWORK = {
  what: 'an address or a range of addresses',
  is: (value: string): boolean => network(value) !== undefined,
};
const ARN = { what: 'an ARN', is: (value: string): boolean => value === '*' || value.split(':').length >= 6 };

const isSame = (found: string, wanted: string): boolean => found === wanted;
const isSameLetters = (found: string, wanted: string): boolean => found.toLowerCase() === wanted.toLowerCase();
const isLike = (found: string, wanted: string): boolean => matches(wanted, found);
const number = (compare: (found: number, wanted: number) => boolean): Pick<Operator, 'holds' | 'takes'> => ({
  holds: (found, wanted) => compare(Number(found), Number(wanted)),
  takes: NUMBER,
});

export const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { holds: isSame },
  StringNotEquals: { holds: isSame, negated: true },
  StringEqualsIgnoreCase: { holds: isSameLetters },
  StringNotEqualsIgnoreCase: { holds: isSameLetters, negated: true },
  StringLike: { holds: isLike },
  StringNotLike: { holds: isLike, negated: true },
  ArnEquals: { holds: isArnLike, takes: ARN },
  ArnLike: { holds: isArnLike, takes: ARN },
  ArnNotEquals: { holds: isArnLike, negated: true, takes: ARN },
  ArnNotLike: { holds: isArnLike, negated: true, takes: ARN },
  Bool: { holds: isSameLetters, takes: TRUTH },
  IpAddress: { holds: isWithin, takes: NETWORK },
  NotIpAddress: { holds: isWithin, negated: true, takes: NETWORK },
  NumericEquals: number((found, wanted) => found === wanted),
  NumericNotEquals: { ...number((found, wanted) => found === wanted), negated: true },
  NumericLessThan: number((found, wanted) => found < wanted),
  NumericLessThanEquals: number((found, wanted) => found <= wanted),
  NumericGreaterThan: number((found, wanted) => found > wanted),
  NumericGreaterThanEquals: number((found, wanted) => found >= wanted),
  Null: { holds: isSameLetters, takes: TRUTH },
};

export const CONDITION_KEYS: readonly string[] = [
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:SecureTransport',
  'aws:SourceAccount',
  'aws:SourceArn',
  'aws:SourceIp',
  's3:VersionId',
  's3:delimiter',
  's3:max-keys',
  's3:prefix',
  's3:x-amz-server-side-encryption',
];

export function holds({ operator, ifExists, key, values }: Condition, keys: ConditionKeys): boolean {
  const found = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (operator === 'Null') return values.some((wanted) => isSameLetters(wanted, String(found === undefined)));
  const known = OPERATORS[operator];
  if (!known) return false;
  if (found === undefined) return ifExists || known.negated === true;
  return values.some((wanted) => known.holds(found, wanted)) !== (known.negated === true);
}

/** Each of an ARN's six parts by itself, so that a `*` does not reach into the next. */
function isArnLike(found: string, wanted: string): boolean {
  if (wanted === '*') return true;
  const [given, asked] = [arnParts(found), arnParts(wanted)];
  return given.length === asked.length && asked.every((part, i) => matches(part, given[i] ?? ''));
}

function arnParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function isWithin(found: string, wanted: string): boolean {
  const address = found.replace(/^::ffff:(?=\d+\.)/i, '');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  return (isIPv4(address) || isIPv6(address)) && network(wanted)?.check(address, family) === true;
}

/** `10.0.0.0/8`, or one address. */
function network(text: string): BlockList | undefined {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  const most = family === 'ipv4' ? 32 : 128;
  const length = bits === undefined ? most : Number(bits);
  if (!family || length > most) return undefined;
  const list = new BlockList();
  list.addSubnet(address, length, family);
  return list;
}
