/** The form of a request in AWS's Query protocol, read as the JSON that the APIs take. */
import { isObject, type Json, type JsonObject, member, setKey } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';

type Tree = Map<string, Tree | string>;

const MOST_PARAMETERS = 1000;
const DEEPEST = 8;

/**
 * `x.entry.1.key` and its like are a map, `x.member.1` a list.
 * @param flat of an API that numbers its lists and maps without `entry` and `member`
 * @throws ServiceError MalformedQueryString
 */
export function readForm(form: string, flat: FlatNames = {}): JsonObject {
  const root: Tree = new Map();
  const params = [...new URLSearchParams(form)];
  if (params.length > MOST_PARAMETERS) throw malformed();
  for (const [name, value] of params) {
    const parts = name.split('.');
    const last = parts.pop() ?? '';
    if (parts.length > DEEPEST) throw malformed();
    let node = root;
    for (const part of parts) {
      const next = node.get(part) ?? new Map();
      if (typeof next === 'string') throw malformed();
      node.set(part, next);
      node = next;
    }
    node.set(last, value);
  }
  return objectOf(root, flat);
}

/** Flat name -> the member of the JSON protocol: a list, or a map whose keys stand under `key`. */
export type FlatNames = Readonly<Record<string, { readonly member: string; readonly key?: 'Name' | 'Key' }>>;

function malformed(): ServiceError {
  return new ServiceError(
    'MalformedQueryString',
    'The parameters of the request contradict each other, or are too many.',
  );
}

function jsonOf(node: Tree | string, flat: FlatNames): Json {
  if (typeof node === 'string') return node;
  const entries = node.get('entry');
  const members = node.get('member');
  if (node.size === 1 && members instanceof Map) return numbered(members).map((one) => jsonOf(one, flat));
  if (node.size !== 1 || !(entries instanceof Map)) return objectOf(node, flat);
  return mapOf(entries, flat);
}

function mapOf(entries: Tree, flat: FlatNames): JsonObject {
  const map: Record<string, Json> = {};
  for (const entry of numbered(entries)) {
    const pair = jsonOf(entry, flat);
    if (!isObject(pair)) throw malformed();
    const name = member(pair, 'key') ?? member(pair, 'Name') ?? member(pair, 'Key');
    if (typeof name !== 'string') throw malformed();
    setKey(map, name, member(pair, 'value') ?? member(pair, 'Value') ?? '');
  }
  return map;
}

function objectOf(node: Tree, flat: FlatNames): JsonObject {
  const object: Record<string, Json> = {};
  for (const [name, value] of node) {
    const known = Object.hasOwn(flat, name) && value instanceof Map ? flat[name] : undefined;
    if (!known || !(value instanceof Map)) setKey(object, name, jsonOf(value, flat));
    else if (known.key) setKey(object, known.member, mapOf(value, flat));
    else
      setKey(
        object,
        known.member,
        numbered(value).map((one) => jsonOf(one, flat)),
      );
  }
  return object;
}

function numbered(node: Tree): (Tree | string)[] {
  return [...node].sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}
