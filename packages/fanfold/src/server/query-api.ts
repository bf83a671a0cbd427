/** AWS's Query protocol, which SNS speaks: a form in, XML out. */
import { randomUUID } from 'node:crypto';
import { isArray, isObject, type Json, type JsonObject, member, setKey } from '../json.ts';
import type { ApiCall } from '../ports/api-call.ts';
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { StatesAnswer } from './states-api.ts';

export interface QueryApiParams {
  readonly call: ApiCall;
  /** Of the answers: `http://sns.amazonaws.com/doc/2010-03-31/`. */
  readonly namespace: string;
  readonly version: string;
  readonly logger: Logger;
}

export type QueryApi = (form: string, signal: AbortSignal) => Promise<StatesAnswer>;

export function createQueryApi({ call, namespace, version, logger }: QueryApiParams): QueryApi {
  return async (form, signal) => {
    const requestId = randomUUID();
    try {
      const { Action: action, Version, ...input } = readForm(form);
      if (typeof action !== 'string' || !/^\w{1,64}$/.test(action))
        throw new ServiceError('MissingAction', 'The request must contain the parameter Action.');
      if (Version !== undefined && Version !== version)
        throw new ServiceError(
          'NoSuchVersion',
          `This server speaks the version ${version} of the Query protocol, not ${JSON.stringify(Version)}.`,
        );
      const result = await call(action, input, { signal });
      const body = `<${action}Result>${xmlOf(result)}</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      return answer(200, `<${action}Response xmlns="${namespace}">${body}</${action}Response>`, requestId);
    } catch (error) {
      if (!(error instanceof ServiceError)) logger.error('A request to the Query API failed', { error });
      return errorAnswer(error, namespace, requestId);
    }
  };
}

function errorAnswer(error: unknown, namespace: string, requestId: string): StatesAnswer {
  const { code, message, status } =
    error instanceof ServiceError
      ? error
      : { code: 'InternalFailure', message: 'The request failed inside the server; its log says how.', status: 500 };
  const type = status < 500 ? 'Sender' : 'Receiver';
  const body = `<Error><Type>${type}</Type><Code>${escape(code)}</Code><Message>${escape(message)}</Message></Error><RequestId>${requestId}</RequestId>`;
  return answer(status, `<ErrorResponse xmlns="${namespace}">${body}</ErrorResponse>`, requestId);
}

function answer(status: number, body: string, requestId: string): StatesAnswer {
  return { status, headers: { 'Content-Type': 'text/xml', 'x-amzn-RequestId': requestId }, body };
}

type Tree = Map<string, Tree | string>;

const MOST_PARAMETERS = 1000;
const DEEPEST = 8;

/** @throws ServiceError MalformedQueryString */
function readForm(form: string): JsonObject {
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
  return objectOf(root);
}

function malformed(): ServiceError {
  return new ServiceError(
    'MalformedQueryString',
    'The parameters of the request contradict each other, or are too many.',
  );
}

/** `x.entry.1.key` and its like are a map, `x.member.1` a list. */
function jsonOf(node: Tree | string): Json {
  if (typeof node === 'string') return node;
  const entries = node.get('entry');
  const members = node.get('member');
  if (node.size === 1 && members instanceof Map) return numbered(members).map(jsonOf);
  if (node.size !== 1 || !(entries instanceof Map)) return objectOf(node);
  const map: Record<string, Json> = {};
  for (const entry of numbered(entries)) {
    const pair = jsonOf(entry);
    if (!isObject(pair)) throw malformed();
    const name = member(pair, 'key') ?? member(pair, 'Name');
    if (typeof name !== 'string') throw malformed();
    setKey(map, name, member(pair, 'value') ?? member(pair, 'Value') ?? '');
  }
  return map;
}

function objectOf(node: Tree): JsonObject {
  const object: Record<string, Json> = {};
  for (const [name, value] of node) setKey(object, name, jsonOf(value));
  return object;
}

function numbered(node: Tree): (Tree | string)[] {
  return [...node].sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}

/** The members whose values are maps. */
const MAPS: ReadonlySet<string> = new Set(['Attributes']);

function xmlOf(object: JsonObject): string {
  return Object.entries(object)
    .map(
      ([name, value]) =>
        `<${name}>${MAPS.has(name) && isObject(value) ? entriesOf(value) : contentOf(value)}</${name}>`,
    )
    .join('');
}

function entriesOf(map: JsonObject): string {
  return Object.entries(map)
    .map(([key, value]) => `<entry><key>${escape(key)}</key><value>${contentOf(value)}</value></entry>`)
    .join('');
}

function contentOf(value: Json): string {
  if (isArray(value)) return value.map((one) => `<member>${contentOf(one)}</member>`).join('');
  return isObject(value) ? xmlOf(value) : escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

function escape(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character);
}
