/**
 * AWS Lambda's runtime API for one process: it asks for the next invocation, and answers it. On an address of its own, so
 * that any runtime interface client finds it by `AWS_LAMBDA_RUNTIME_API`.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from '../../../node-http.ts';
import type { AddressInfo } from 'node:net';

/** An invocation as the process gets it. */
export interface NextInvocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  readonly arn: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly traceId: string;
  readonly idempotencyKey: string;
}

export interface RuntimeApiEvents {
  /** The process is free. */
  onNext(): void;
  onResponse(requestId: string, payload: string): void;
  onError(requestId: string, errorType: string, payload: string): void;
  /** The process could not begin. */
  onInitError(errorType: string, payload: string): void;
  /** What the process answers is longer than it may be. */
  onTooLarge(requestId: string): void;
}

export interface RuntimeApi {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Hands over an invocation; the process gets it when it asks, or has asked. */
  give(invocation: NextInvocation): void;
  close(): void;
}

/** Bytes of one answer. AWS Lambda takes 6 MB; here what is in the memory of this process is the bound. */
const LARGEST_ANSWER = 64 * 2 ** 20;

const VERSION = '/2018-06-01/runtime/';

export async function openRuntimeApi(events: RuntimeApiEvents): Promise<RuntimeApi> {
  let asking: ServerResponse | undefined;
  let given: NextInvocation | undefined;
  /** The one that the process has been given and has not answered. */
  let running: string | undefined;

  const hand = (): void => {
    if (!asking || !given) return;
    const { requestId, payload, arn, deadline, traceId, idempotencyKey } = given;
    const outgoing = asking;
    running = requestId;
    asking = given = undefined;
    outgoing.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(payload),
      'Lambda-Runtime-Aws-Request-Id': requestId,
      'Lambda-Runtime-Deadline-Ms': deadline,
      'Lambda-Runtime-Invoked-Function-Arn': arn,
      'Lambda-Runtime-Trace-Id': traceId,
      'Fanfold-Idempotency-Key': encodeURIComponent(idempotencyKey),
    });
    outgoing.end(payload);
  };
  const next = (outgoing: ServerResponse): void => {
    asking = outgoing;
    // A client that gave up asks again.
    outgoing.once('close', () => {
      if (asking === outgoing) asking = undefined;
    });
    events.onNext();
    hand();
  };
  const answered = async (path: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const type = incoming.headers['lambda-runtime-function-error-type'];
    const errorType = typeof type === 'string' ? type : '';
    const body = await readAnswer(incoming);
    if (path === 'init/error') {
      accept(outgoing);
      return events.onInitError(errorType, body ?? '');
    }
    const [, requestId = '', what] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (requestId !== running) return refuse(outgoing, 400, 'InvalidRequestID', 'Invalid request ID');
    running = undefined;
    if (body === undefined) {
      refuse(
        outgoing,
        413,
        'RequestEntityTooLarge',
        `Exceeded maximum allowed payload size (${LARGEST_ANSWER} bytes).`,
      );
      return events.onTooLarge(requestId);
    }
    accept(outgoing);
    if (what === 'response') events.onResponse(requestId, body);
    else events.onError(requestId, errorType, body);
  };
  const listener = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { url = '', method, headers } = incoming;
    const path = url.startsWith(VERSION) ? url.slice(VERSION.length) : '';
    if (headers.host !== address || headers.origin !== undefined)
      return refuse(outgoing, 403, 'Forbidden', 'This address is for one process of a function.');
    if (method === 'GET' && path === 'invocation/next') return next(outgoing);
    if (method === 'POST' && /^(?:init\/error|invocation\/[^/]+\/(?:response|error))$/.test(path))
      return await answered(path, incoming, outgoing);
    refuse(outgoing, 404, 'NotFound', `There is nothing at ${method} ${url.slice(0, 200)}`);
  };
  // A process that holds the connection and asks for nothing is waited for: it works.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (incoming, outgoing) => {
    listener(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    give: (invocation) => {
      given = invocation;
      hand();
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Undefined when it is too long; it is read to its end all the same, so that the client gets its answer. */
async function readAnswer(incoming: IncomingMessage): Promise<string | undefined> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) chunks = [];
    else chunks.push(chunk);
  }
  return size > LARGEST_ANSWER ? undefined : Buffer.concat(chunks).toString();
}

function accept(outgoing: ServerResponse): void {
  send(outgoing, 202, { status: 'OK' });
}

function refuse(outgoing: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  send(outgoing, status, { errorMessage, errorType });
}

function send(outgoing: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  outgoing.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  outgoing.end(text);
}
