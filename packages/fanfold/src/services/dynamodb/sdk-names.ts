/**
 * The names of `aws-sdk:dynamodb`, which are those of the SDK for Java: there the types of attribute values are `Bool`,
 * `Nul`, `Ss`, `Ns` and `Bs`. Requests may have either.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';

const WIRE: Readonly<Record<string, string>> = { Bool: 'BOOL', Nul: 'NULL', Ss: 'SS', Ns: 'NS', Bs: 'BS' };
const SDK: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(WIRE).map(([sdk, wire]) => [wire, sdk]),
);

/** Where items and keys are: one, or a list of them. */
const ITEMS: ReadonlySet<string> = new Set([
  'Attributes',
  'ExclusiveStartKey',
  'ExpressionAttributeValues',
  'Item',
  'Items',
  'Key',
  'Keys',
  'LastEvaluatedKey',
]);
/** Where something stands below the name of each table. */
const BY_TABLE: ReadonlySet<string> = new Set(['RequestItems', 'Responses', 'UnprocessedItems', 'UnprocessedKeys']);
/** Times are seconds on the wire. */
const TIMES: ReadonlySet<string> = new Set(['CreationDateTime']);

export function fromSdk(request: JsonObject): JsonObject {
  return members(request, (name) => (Object.hasOwn(WIRE, name) ? (WIRE[name] as string) : name));
}

export function toSdk(answer: JsonObject): JsonObject {
  return members(answer, (name) => (Object.hasOwn(SDK, name) ? (SDK[name] as string) : name));
}

type Rename = (type: string) => string;

function members(value: JsonObject, rename: Rename): JsonObject {
  return mapped(value, (member, name) => {
    if (ITEMS.has(name))
      return isArray(member) ? member.map((item) => attributes(item, rename)) : attributes(member, rename);
    if (BY_TABLE.has(name) && isObject(member)) return mapped(member, (each) => ofTable(name, each, rename));
    if (TIMES.has(name) && typeof member === 'number') return new Date(member * 1000).toISOString();
    return isObject(member) ? members(member, rename) : member;
  });
}

/** A list of items, a list of requests, or keys with what belongs to them. */
function ofTable(name: string, value: Json, rename: Rename): Json {
  if (isObject(value)) return members(value, rename);
  if (!isArray(value)) return value;
  return value.map((each) => {
    if (name === 'Responses') return attributes(each, rename);
    return isObject(each) ? members(each, rename) : each;
  });
}

/** Names of attributes stay what they are. */
function attributes(item: Json, rename: Rename): Json {
  return isObject(item) ? mapped(item, (value) => attribute(value, rename)) : item;
}

function attribute(value: Json, rename: Rename): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([type, inner]) => {
      if (type === 'M') return [type, attributes(inner, rename)];
      if (type === 'L' && isArray(inner)) return [type, inner.map((each) => attribute(each, rename))];
      return [rename(type), inner];
    }),
  );
}

function mapped(value: JsonObject, change: (member: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member, name)]));
}
