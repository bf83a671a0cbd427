/** One HTTP/1.1 exchange over kept connections. Redirects are not followed. */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

export interface HttpCall {
  /** `http://127.0.0.1:<port>`: where the connection goes. */
  readonly origin: string;
  /** What the Host header says. */
  readonly host: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
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

/** The answer is longer than API Gateway passes on. */
export class AnswerTooLong extends Error {}
/** No answer within the time that API Gateway waits. */
export class AnswerTooLate extends Error {}

/** Bytes. */
const LONGEST_ANSWER = 10 * 1024 * 1024;
const LATEST_ANSWER_MS = 29_000;

const agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' });

/** @throws AnswerTooLong, AnswerTooLate, and what the connection or the signal gives */
export async function call(params: HttpCall): Promise<HttpAnswer> {
  try {
    return await callOnce(params);
  } catch (error) {
    // The server gave up a kept connection in the moment in which it was used again: it has not read the request.
    if (error instanceof StaleConnection) return await callOnce(params);
    throw error;
  }
}

class StaleConnection extends Error {}

function callOnce({ origin, host, method, target, headers, body, signal }: HttpCall): Promise<HttpAnswer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { agent, hostname, port, method, path: target, signal, setHost: false, timeout: LATEST_ANSWER_MS },
      (incoming) => readAnswer(incoming, resolve, reject),
    );
    outgoing.on('timeout', () => outgoing.destroy(new AnswerTooLate()));
    outgoing.on('error', (error) => reject(isStale(outgoing, error) ? new StaleConnection() : error));
    outgoing.setHeader('Host', host);
    for (const [name, values] of Object.entries(headers)) outgoing.setHeader(name, values);
    if (body !== undefined && !outgoing.hasHeader('Content-Type'))
      outgoing.setHeader('Content-Type', 'application/json');
    if (body !== undefined) outgoing.setHeader('Content-Length', Buffer.byteLength(body));
    outgoing.end(body);
  });
}

function isStale(outgoing: ClientRequest, error: NodeJS.ErrnoException): boolean {
  return outgoing.reusedSocket && error.code === 'ECONNRESET';
}

function readAnswer(
  incoming: IncomingMessage,
  resolve: (answer: HttpAnswer) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('error', reject);
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > LONGEST_ANSWER) incoming.destroy(new AnswerTooLong());
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
