/** HTTP/1.1 exchanges over kept connections. Redirects are not followed, proxies not asked, nothing is unpacked. */
import { lookup as resolveName, type LookupAddress } from 'node:dns';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request as requestHttp } from '../node-http.ts';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { parseJson } from '../json.ts';
import type { AddressPolicy } from './addresses.ts';

export interface HttpCall {
  /** `https://host:port`: where the connection goes. */
  readonly origin: string;
  /** What the Host header says. @defaultValue that of the origin */
  readonly host?: string;
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** By the name as it was sent. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

export interface HttpClientParams {
  /** Bytes of a body. */
  readonly longestAnswer: number;
  /** For the whole exchange, in milliseconds. */
  readonly latestAnswer: number;
  /** @defaultValue every address */
  readonly policy?: AddressPolicy;
}

/** The answer is longer than this client takes. */
export class AnswerTooLong extends Error {}
/** The answer was not there whole within its time. */
export class AnswerTooLate extends Error {}
/** The policy has something against the address; nothing was connected to. */
export class AddressRefused extends Error {}

/** @throws AnswerTooLong, AnswerTooLate, AddressRefused, and what the connection or the signal gives */
export type HttpClient = (call: HttpCall) => Promise<HttpAnswer>;

export function createHttpClient({ longestAnswer, latestAnswer, policy }: HttpClientParams): HttpClient {
  const options = { keepAlive: true, maxSockets: 256, scheduling: 'lifo' } as const;
  const agents = { http: new Agent(options), https: new HttpsAgent(options) };

  const callOnce = (call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> => {
    const { origin, host, method, target, headers, body } = call;
    const url = new URL(origin);
    const isSecure = url.protocol === 'https:';
    const port = Number(url.port || (isSecure ? 443 : 80));
    const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
    // No name is looked up for an address.
    if (policy && isIP(hostname) > 0 && !policy(url.hostname, port, hostname))
      return Promise.reject(addressRefused(url.host, hostname));
    const lookup = policy && checkedLookup(url, port, policy);
    return new Promise((resolve, reject) => {
      const params = { hostname, port, method, path: target, signal, setHost: false, ...(lookup && { lookup }) };
      const onAnswer = (incoming: IncomingMessage): void => readAnswer(incoming, longestAnswer, resolve, reject);
      const outgoing = isSecure
        ? requestHttps({ ...params, agent: agents.https }, onAnswer)
        : requestHttp({ ...params, agent: agents.http }, onAnswer);
      outgoing.on('error', (error) => reject(isStale(outgoing, error) ? new StaleConnection() : error));
      outgoing.setHeader('Host', host ?? url.host);
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
      if (body !== undefined && !outgoing.hasHeader('Content-Type'))
        outgoing.setHeader('Content-Type', 'application/json');
      if (body !== undefined) outgoing.setHeader('Content-Length', Buffer.byteLength(body));
      outgoing.end(body);
    });
  };

  return async (call) => {
    const late = AbortSignal.timeout(latestAnswer);
    const signal = AbortSignal.any([call.signal, late]);
    try {
      try {
        return await callOnce(call, signal);
      } catch (error) {
        // The server gave up a kept connection in the moment in which it was used again: it has not read the request.
        if (error instanceof StaleConnection) return await callOnce(call, signal);
        throw error;
      }
    } catch (error) {
      if (late.aborted && !call.signal.aborted) throw new AnswerTooLate();
      throw error;
    }
  };
}

class StaleConnection extends Error {}

/** Every address that a name leads to must be allowed; what was checked is what is connected to. */
function checkedLookup(url: URL, port: number, policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, found: readonly LookupAddress[]) => {
      if (error) return callback(error, []);
      const refused = found.find(({ address }) => !policy(url.hostname, port, address));
      if (refused) return callback(addressRefused(url.host, refused.address), []);
      const [first] = found;
      if (options.all === true || !first) return callback(null, [...found]);
      return callback(null, first.address, first.family);
    });
  };
}

function addressRefused(host: string, address: string): AddressRefused {
  return new AddressRefused(
    `${host} is at ${address}, which is no public address. If it is meant, add "${host}" to http.allow of the project file.`,
  );
}

function isStale(outgoing: ClientRequest, error: NodeJS.ErrnoException): boolean {
  return outgoing.reusedSocket && error.code === 'ECONNRESET';
}

function readAnswer(
  incoming: IncomingMessage,
  longest: number,
  resolve: (answer: HttpAnswer) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('error', reject);
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > longest) incoming.destroy(new AnswerTooLong());
    else chunks.push(chunk);
  });
  incoming.on('end', () =>
    resolve({
      status: incoming.statusCode ?? 0,
      statusText: incoming.statusMessage ?? '',
      headers: headersOf(incoming.rawHeaders),
      body: Buffer.concat(chunks).toString(),
    }),
  );
}

function headersOf(raw: readonly string[]): Record<string, readonly string[]> {
  const byName = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const known = byName.get(name.toLowerCase());
    if (known) known.values.push(raw[i + 1] ?? '');
    else byName.set(name.toLowerCase(), { name, values: [raw[i + 1] ?? ''] });
  }
  return Object.fromEntries([...byName.values()].map(({ name, values }) => [name, values]));
}

/** The value of a body: JSON when the answer says that it is and it is, else text. */
export function bodyOf({ headers, body }: Pick<HttpAnswer, 'headers' | 'body'>): unknown {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1][0] ?? '';
  if (!/^[^;]*[/+]json\b/i.test(type)) return body;
  try {
    return parseJson(body);
  } catch {
    return body;
  }
}
