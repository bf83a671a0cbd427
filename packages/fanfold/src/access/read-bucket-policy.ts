/** Bucket policies as S3 takes them: a document, each part of which is understood or refused. */
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { BucketPolicy, Patterns, PolicyPrincipal, ResourceStatement } from './bucket-policy.ts';
import { type Condition, CONDITION_KEYS, OPERATORS } from './conditions.ts';

/** A statement of a bucket's policy, as in AWS's policy documents. */
export interface BucketStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  /** `*`, or `{ AWS: 'arn:aws:iam::000000000000:role/function:load' }`, or `{ Service: 'sns.amazonaws.com' }`. */
  readonly Principal: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  /** By operators, then by keys. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Statements of a project file as S3 takes them. */
export function bucketPolicyDocument(policy: readonly BucketStatement[]): {
  readonly Version: '2012-10-17';
  readonly Statement: readonly BucketStatement[];
} {
  return { Version: '2012-10-17', Statement: policy };
}

export interface ReadBucketPolicyParams {
  readonly bucket: string;
  /** Whether there is such a role: `function:load`. @defaultValue any may be one */
  readonly isRole?: (name: string) => boolean;
}

/** As on AWS, bytes. */
export const LARGEST_POLICY: number = 20 * 1024;

/**
 * @param document as text
 * @throws ServiceError MalformedPolicy for what is none, NotImplemented for what is not here
 */
export function readBucketPolicy(document: string, params: ReadBucketPolicyParams): BucketPolicy {
  if (Buffer.byteLength(document) > LARGEST_POLICY)
    throw malformed(`The policy has more than ${LARGEST_POLICY} bytes, as many as a bucket's policy may have.`);
  const read = parsed(document);
  known(read, ['Version', 'Id', 'Statement'], 'the policy');
  const { Version = '2008-10-17', Statement = null } = read;
  if (Version !== '2012-10-17' && Version !== '2008-10-17')
    throw malformed(`The policy's Version is 2012-10-17, not ${JSON.stringify(Version)}.`);
  const statements = isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0) throw malformed('The policy has no Statement.');
  return { statements: statements.map((each, i) => statementOf(each, `Statement[${i}]`, params)) };
}

function parsed(document: string): JsonObject {
  try {
    const value = JSON.parse(document) as Json;
    if (isObject(value)) return value;
  } catch {
    // It is refused in the same words.
  }
  throw malformed("Policies must be valid JSON and the first byte must be '{'");
}

const MEMBERS = ['Sid', 'Effect', 'Principal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

function statementOf(statement: Json, at: string, params: ReadBucketPolicyParams): ResourceStatement {
  if (!isObject(statement)) throw malformed(`${at} is no statement: ${JSON.stringify(statement)}`);
  if (statement['NotPrincipal'] !== undefined) throw notHere(`NotPrincipal (${at})`);
  known(statement, MEMBERS, at);
  const { Sid = '', Effect = null, Principal = null, Condition = {} } = statement;
  if (typeof Sid !== 'string') throw malformed(`${at}.Sid must be a text.`);
  if (Effect !== 'Allow' && Effect !== 'Deny')
    throw malformed(`${at}.Effect is Allow or Deny, not ${JSON.stringify(Effect)}`);
  return {
    sid: Sid,
    effect: Effect,
    principals: principalsOf(Principal, `${at}.Principal`, params),
    actions: patternsOf(statement, 'Action', at, (action) => {
      if (action !== '*' && !/^s3:[A-Za-z*?]+$/i.test(action))
        throw malformed(`Policy has invalid action: ${at} needs actions of s3, such as s3:GetObject, not ${action}`);
    }),
    resources: patternsOf(statement, 'Resource', at, (resource) => {
      if (!isOfBucket(resource, params.bucket))
        throw malformed(
          `Policy has invalid resource: ${at} needs arn:aws:s3:::${params.bucket}, or arn:aws:s3:::${params.bucket}/ and a key, not ${resource}`,
        );
    }),
    conditions: conditionsOf(Condition, `${at}.Condition`),
  };
}

function isOfBucket(resource: string, bucket: string): boolean {
  const [, name = ''] = /^arn:[^:]*:s3:::([^/]*)(?:\/|$)/.exec(resource) ?? [];
  return name === bucket;
}

/** One of `Action` and `NotAction`, and so on. */
function patternsOf(statement: JsonObject, name: string, at: string, check: (text: string) => void): Patterns {
  const [plain, negated] = [statement[name], statement[`Not${name}`]];
  if ((plain === undefined) === (negated === undefined))
    throw malformed(`${at} needs ${name} or Not${name}, one of the two.`);
  const patterns = texts(plain ?? negated ?? null, `${at}.${name}`);
  patterns.forEach(check);
  return { patterns, not: plain === undefined };
}

function principalsOf(principal: Json, at: string, params: ReadBucketPolicyParams): readonly PolicyPrincipal[] {
  if (principal === '*') return [{ kind: 'anyone' }];
  if (!isObject(principal) || Object.keys(principal).length === 0)
    throw malformed(
      `Invalid principal in policy: ${at} is '*', or has members AWS or Service, not ${JSON.stringify(principal)}`,
    );
  return Object.entries(principal).flatMap(([kind, value]): readonly PolicyPrincipal[] => {
    if (kind === 'AWS') return texts(value, `${at}.AWS`).map((text) => ofAccount(text, at, params));
    if (kind === 'Service')
      return texts(value, `${at}.Service`).map((service) => {
        if (!/^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?$/.test(service))
          throw malformed(
            `Invalid principal in policy: ${at}.Service needs a service such as sns.amazonaws.com, not ${service}`,
          );
        return { kind: 'service', service };
      });
    throw notHere(`principals of the kind ${kind} (${at})`);
  });
}

function ofAccount(text: string, at: string, { isRole = () => true }: ReadBucketPolicyParams): PolicyPrincipal {
  if (text === '*') return { kind: 'anyone' };
  const account = /^(?:arn:[^:]*:iam::)?(\d{12})(?::root)?$/.exec(text)?.[1];
  if (account !== undefined) return { kind: 'account', account };
  const name = /^arn:[^:]*:iam::\d{12}:role\/(.+)$/.exec(text)?.[1];
  if (name === undefined || name.includes('*'))
    throw malformed(
      `Invalid principal in policy: ${at}.AWS needs an account, '*', or a role such as arn:aws:iam::000000000000:role/function:load, not ${text}`,
    );
  if (!isRole(name))
    throw malformed(
      `Invalid principal in policy: there is no role ${name}. Roles are stateMachine:, api:, and function: or job: and a name; ` +
        'functions and jobs without a policy of their own share the roles functions and jobs.',
    );
  return { kind: 'role', name };
}

function conditionsOf(conditions: Json, at: string): readonly Condition[] {
  if (!isObject(conditions)) throw malformed(`${at} must be an object of operators.`);
  return Object.entries(conditions).flatMap(([named, keys]) => {
    const ifExists = named.endsWith('IfExists') && named !== 'NullIfExists';
    const operator = ifExists ? named.slice(0, -'IfExists'.length) : named;
    const rule = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    if (!rule) throw notHere(`the condition operator ${named} (${at}); there are ${Object.keys(OPERATORS).join(', ')}`);
    if (!isObject(keys)) throw malformed(`${at}.${named} must be an object of condition keys.`);
    return Object.entries(keys).map(([key, value]): Condition => {
      if (!CONDITION_KEYS.some((one) => one.toLowerCase() === key.toLowerCase()))
        throw notHere(`the condition key ${key} (${at}.${named}); there are ${CONDITION_KEYS.join(', ')}`);
      const values = texts(value, `${at}.${named}.${key}`);
      const wrong = values.find((each) => rule.takes?.is(each) === false);
      if (wrong !== undefined) throw malformed(`${at}.${named}.${key} must be ${rule.takes?.what}, not ${wrong}`);
      return { operator, ifExists, key: key.toLowerCase(), values };
    });
  });
}

/** A text, or a list of them; as AWS does, plain values are taken for their texts. */
function texts(value: Json, at: string): readonly string[] {
  const all = isArray(value) ? value : [value];
  if (all.length === 0) throw malformed(`${at} must not be empty.`);
  return all.map((each) => {
    if (typeof each !== 'string' && typeof each !== 'boolean' && typeof each !== 'number')
      throw malformed(`${at} must be a text or a list of texts, not ${JSON.stringify(each)}`);
    const text = String(each);
    if (text.includes('${')) throw notHere(`policy variables, such as ${text} (${at})`);
    return text;
  });
}

function known(object: JsonObject, names: readonly string[], at: string): void {
  const other = Object.keys(object).find((name) => !names.includes(name));
  if (other !== undefined) throw malformed(`Unknown field ${other} in ${at}`);
}

function malformed(message: string): ServiceError {
  return new ServiceError('MalformedPolicy', message);
}

function notHere(what: string): ServiceError {
  return new ServiceError('NotImplemented', `Bucket policies here do not have ${what}.`, 501);
}
