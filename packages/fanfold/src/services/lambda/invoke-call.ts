/** One HTTP request after another to a function endpoint, over kept connections and without a time limit. */
import type { IncomingHttpHeaders } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from '../../node-http.ts';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface InvokeRequest {
  /** Behind the endpoint's own path. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal?: AbortSignal;
}

export interface InvokeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface InvokeCall {
  /** @throws Error when the endpoint does not answer */
  (request: InvokeRequest): Promise<InvokeAnswer>;
  /** Ends every connection. */
  close(): void;
}

export function createInvokeCall(endpoint: URL): InvokeCall {
  const secure = endpoint.protocol === 'https:';
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const send = secure ? httpsRequest : httpRequest;
  const base = endpoint.href.replace(/\/$/, '');

  const call = ({ path, headers, body, signal }: InvokeRequest): Promise<InvokeAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = send(
        `${base}${path}`,
        {
          agent,
          method: 'POST',
          headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
          ...(signal && { signal }),
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      outgoing.on('error', (cause: NodeJS.ErrnoException) => {
        // A kept connection that the other side gave up in this moment: the request was not read.
        if (outgoing.reusedSocket && cause.code === 'ECONNRESET' && !signal?.aborted)
          return resolve(call({ path, headers, body, ...(signal && { signal }) }));
        const reason = cause.message || cause.code;
        reject(new Error(`The function endpoint ${base} does not answer: ${reason}. Is it running?`, { cause }));
      });
      outgoing.end(body);
    });
  return Object.assign(call, { close: () => agent.destroy() });
}
