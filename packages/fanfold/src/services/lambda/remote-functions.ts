/**
 * Functions behind any endpoint that answers AWS Lambda's Invoke API: AWS itself, `sam local start-lambda` and the like.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isObject, type Json, member } from '../../json.ts';
import type { Functions, InvokeParams, InvokeResult } from '../../ports/functions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { parseFunctionName } from './function-name.ts';
import { createInvokeCall, type InvokeAnswer } from './invoke-call.ts';

export interface RemoteFunctionsParams {
  /** `http://127.0.0.1:3001`; `/2015-03-31/functions/…` is added to it. */
  readonly endpoint: string;
}

/**
 * Every name is a function here, as far as can be told without asking. Invocations have no time limit but the endpoint's.
 * After `close` nothing is invoked any more, and invocations under way never settle, as with functions of the project.
 * @throws Error when the endpoint is not an http or https URL
 */
export function createRemoteFunctions({ endpoint }: RemoteFunctionsParams): Functions {
  const call = createInvokeCall(checkEndpoint(endpoint));
  let closed = false;

  const invoke = async (params: InvokeParams): Promise<InvokeResult> => {
    const { functionName, payload, signal, onLog, requestId = randomUUID() } = params;
    const { name, qualifier } = parseFunctionName(functionName) ?? { name: functionName };
    try {
      const answer = await call({
        path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations${qualifierQuery(qualifier)}`,
        headers: {
          'Content-Type': 'application/json',
          'X-Amz-Invocation-Type': 'RequestResponse',
          'X-Amz-Log-Type': onLog ? 'Tail' : 'None',
          'amz-sdk-invocation-id': requestId,
        },
        body: payload,
        ...(signal && { signal }),
      });
      for (const line of logLines(answer.headers)) onLog?.(line);
      return resultOf(answer);
    } catch (error) {
      if (signal?.aborted) return { kind: 'exited', message: STOPPED };
      throw error;
    }
  };

  return {
    has: () => true,
    invoke: (params) =>
      new Promise((resolve, reject) => {
        if (closed) return;
        if (params.signal?.aborted) return resolve({ kind: 'exited', message: STOPPED });
        invoke(params).then(
          (result) => closed || resolve(result),
          (error: unknown) => closed || reject(error),
        );
      }),
    close: async () => {
      closed = true;
      call.close();
    },
  };
}

/** The project's own functions come first; what it does not have is asked of the others. */
export function withRemoteFunctions(own: Functions, others: Functions): Functions {
  return {
    has: (name) => own.has(name) || others.has(name),
    invoke: (params) => (own.has(params.functionName) ? own : others).invoke(params),
    close: async () => {
      await Promise.all([own.close(), others.close()]);
    },
  };
}

const STOPPED = 'The invocation was stopped: its outcome is not awaited any more.';

function checkEndpoint(endpoint: string): URL {
  const url = URL.parse(endpoint);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new Error(`A function endpoint must be an http or https address, not '${endpoint}'.`);
}

function qualifierQuery(qualifier: string | undefined): string {
  return qualifier === undefined ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`;
}

function logLines(headers: IncomingHttpHeaders): readonly string[] {
  const log = headers['x-amz-log-result'];
  if (typeof log !== 'string') return [];
  return Buffer.from(log, 'base64').toString().replace(/\n$/, '').split('\n');
}

/** @throws ServiceError what the endpoint refuses */
function resultOf({ status, headers, body }: InvokeAnswer): InvokeResult {
  if (status < 200 || status > 299) throw refusal(status, headers, body);
  const payload = body === '' ? 'null' : body;
  if (headers['x-amz-function-error'] === undefined) return { kind: 'returned', payload };
  const told = parse(payload);
  const { errorType, errorMessage, stackTrace } = isObject(told) ? told : {};
  return {
    kind: 'threw',
    errorType: typeof errorType === 'string' ? errorType : '',
    errorMessage: typeof errorMessage === 'string' ? errorMessage : payload,
    stackTrace: Array.isArray(stackTrace) ? stackTrace.map(String) : [],
    payload,
  };
}

function refusal(status: number, headers: IncomingHttpHeaders, body: string): ServiceError {
  const told = parse(body);
  const texts = isObject(told) ? told : {};
  const named = headers['x-amzn-errortype'] ?? member(texts, '__type') ?? 'ServiceException';
  const code = String(named).split('#').at(-1)?.split(':')[0] ?? '';
  const message = member(texts, 'Message') ?? member(texts, 'message');
  const fallback = `The function endpoint answered with status ${status}: ${body.slice(0, 500)}`;
  return new ServiceError(code, typeof message === 'string' ? message : fallback, status);
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
