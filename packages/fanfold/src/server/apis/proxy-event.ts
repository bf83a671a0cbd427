/** The event that a function behind a route gets: API Gateway's Lambda proxy event, version 1.0. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { RouteMatch } from './route-tree.ts';

export interface ProxyRequest {
  readonly incoming: IncomingMessage;
  readonly match: RouteMatch;
  readonly apiName: string;
  readonly stage: string;
  readonly account: string;
  readonly requestId: string;
  /** Without the stage, as on the wire. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  readonly body: Buffer;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Single values and all values of what may be there several times; of several the last counts. */
interface Fields {
  readonly single: Record<string, string>;
  readonly multi: Record<string, string[]>;
}

/** The event as JSON text. */
export function proxyEvent({ incoming, match, body, path, query, ...request }: ProxyRequest): string {
  const { method = '', rawHeaders } = incoming;
  const headers = headerFields(rawHeaders);
  const queries = queryFields(query);
  const text = body.length === 0 ? null : isUtf8(body) ? body.toString() : undefined;
  return JSON.stringify({
    resource: match.route.resource,
    path,
    httpMethod: method,
    headers: headers.single,
    multiValueHeaders: headers.multi,
    queryStringParameters: queries?.single ?? null,
    multiValueQueryStringParameters: queries?.multi ?? null,
    pathParameters: match.parameters,
    stageVariables: null,
    requestContext: requestContext(incoming, match, path, request),
    body: text === undefined ? body.toString('base64') : text,
    isBase64Encoded: text === undefined,
  });
}

function requestContext(
  { method = '', headers, httpVersion, socket }: IncomingMessage,
  { route }: RouteMatch,
  path: string,
  { apiName, stage, account, requestId, at }: Pick<ProxyRequest, 'apiName' | 'stage' | 'account' | 'requestId' | 'at'>,
): object {
  return {
    accountId: account,
    apiId: apiName,
    stage,
    resourceId: route.resource,
    resourcePath: route.resource,
    httpMethod: method,
    path: `/${stage}${path}`,
    protocol: `HTTP/${httpVersion}`,
    requestId,
    extendedRequestId: requestId,
    requestTime: requestTime(at),
    requestTimeEpoch: at,
    domainName: headers.host,
    domainPrefix: apiName,
    identity: { ...NO_IDENTITY, sourceIp: socket.remoteAddress ?? '', userAgent: headers['user-agent'] ?? null },
  };
}

const NO_IDENTITY = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
} as const;

function headerFields(raw: readonly string[]): Fields {
  const fields = newFields();
  for (let i = 0; i + 1 < raw.length; i += 2) add(fields, raw[i] ?? '', raw[i + 1] ?? '');
  return fields;
}

function queryFields(query: string): Fields | undefined {
  if (query === '') return undefined;
  const fields = newFields();
  for (const [name, value] of new URLSearchParams(query)) add(fields, name, value);
  return fields;
}

/** Null prototypes: names come from outside, and `__proto__` is one. */
function newFields(): Fields {
  return {
    single: Object.create(null) as Record<string, string>,
    multi: Object.create(null) as Record<string, string[]>,
  };
}

function add({ single, multi }: Fields, name: string, value: string): void {
  single[name] = value;
  const values = multi[name];
  if (values) values.push(value);
  else multi[name] = [value];
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `09/Apr/2015:12:34:56 +0000` */
function requestTime(at: number): string {
  const date = new Date(at);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
}
