/** Reads the members of a request. */
import { isObject, type JsonObject, member } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { invalidParameter } from './sns-error.ts';

/** @throws ServiceError InvalidParameter for a member that the action does not have here */
export function checkMembers(action: string, input: JsonObject, known: readonly string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== null && !known.includes(name))
      throw invalidParameter(`${name} of ${action} is not supported here; leave it out`);
}

export function text(input: JsonObject, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined) throw invalidParameter(`${name} Reason: no value for required parameter`);
  return value;
}

export function optionalText(input: JsonObject, name: string): string | undefined {
  const value = member(input, name) ?? null;
  if (value === null) return undefined;
  if (typeof value !== 'string') throw invalidParameter(`${name} must be a text`);
  return value;
}

export function texts(input: JsonObject, name: string): Readonly<Record<string, string>> {
  const value = member(input, name) ?? {};
  if (!isObject(value)) throw invalidParameter(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, typeof one === 'string' ? one : JSON.stringify(one)]),
  );
}

/** The name of the topic in an ARN of any partition, region and account. */
export function topicOf(arn: string): string {
  const name = /^arn:[^:]*:sns:[^:]*:[^:]*:([A-Za-z0-9_-]{1,256})$/.exec(arn)?.[1];
  if (name === undefined) throw invalidParameter(`TopicArn Reason: ${arn} is no ARN of a topic`);
  return name;
}

/** The name of the subscription in an ARN. */
export function subscriptionOf(arn: string): string {
  const name = /^arn:[^:]*:sns:[^:]*:[^:]*:[A-Za-z0-9_-]+:([0-9a-f-]{36})$/.exec(arn)?.[1];
  if (name === undefined) throw invalidParameter(`SubscriptionArn Reason: ${arn} is no ARN of a subscription`);
  return name;
}

/** The part of a list that begins after the token, and the token of the next part. */
export function pageOf<T>(
  input: JsonObject,
  list: readonly T[],
): { readonly items: readonly T[]; readonly next: JsonObject } {
  const token = optionalText(input, 'NextToken') ?? '0';
  const from = Number(token);
  if (!/^\d{1,9}$/.test(token)) throw new ServiceError('InvalidParameter', 'Invalid parameter: NextToken');
  const end = from + PAGE;
  return { items: list.slice(from, end), next: end < list.length ? { NextToken: String(end) } : {} };
}

/** As AWS has it. */
const PAGE = 100;
