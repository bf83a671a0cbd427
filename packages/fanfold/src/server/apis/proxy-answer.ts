/** What a function behind a route answers, made into an HTTP answer as API Gateway does. */
import { validateHeaderName, validateHeaderValue } from '../../node-http.ts';
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: readonly string[];
  readonly body: string | Buffer;
}

/** Of the connection and not of the answer; API Gateway gives them another name too. */
const REMAPPED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'host',
  'keep-alive',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @returns undefined for what API Gateway calls a malformed Lambda proxy response */
export function proxyAnswer(payload: string): HttpAnswer | undefined {
  const value = parse(payload);
  if (!isObject(value)) return undefined;
  const status = statusOf(value.statusCode);
  const headers = headersOf(value);
  const body = bodyOf(value);
  return status === undefined || !headers || body === undefined ? undefined : { status, headers, body };
}

function parse(payload: string): Json | undefined {
  try {
    return JSON.parse(payload) as Json;
  } catch {
    return undefined;
  }
}

function statusOf(value: Json | undefined): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  return /^[2-5]\d\d$/.test(String(value)) ? Number(value) : undefined;
}

function bodyOf({ body, isBase64Encoded }: JsonObject): string | Buffer | undefined {
  if (body === undefined || body === null) return '';
  if (typeof body !== 'string') return undefined;
  return isBase64Encoded === true ? Buffer.from(body, 'base64') : body;
}

/** Of a header in both, the values of `multiValueHeaders` count, and that of `headers` when it is another one. */
function headersOf({ headers, multiValueHeaders }: JsonObject): string[] | undefined {
  const lines: string[] = [];
  const seen = new Set<string>();
  const add = (name: string, value: Json): boolean => {
    const text = headerValue(name, value);
    if (text === undefined) return false;
    const line = `${name.toLowerCase()}:${text}`;
    if (!seen.has(line)) lines.push(REMAPPED.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, text);
    seen.add(line);
    return true;
  };
  for (const [name, values] of entriesOf(multiValueHeaders))
    if (!isArray(values) || !values.every((value) => add(name, value))) return undefined;
  for (const [name, value] of entriesOf(headers)) if (!add(name, value)) return undefined;
  const hasType = lines.some((line, i) => i % 2 === 0 && line.toLowerCase() === 'content-type');
  return hasType ? lines : [...lines, 'Content-Type', 'application/json'];
}

function entriesOf(value: Json | undefined): [string, Json][] {
  return isObject(value) ? Object.entries(value) : [];
}

function headerValue(name: string, value: Json): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const text = String(value);
  try {
    validateHeaderName(name);
    validateHeaderValue(name, text);
    return text;
  } catch {
    return undefined;
  }
}
