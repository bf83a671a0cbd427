/**
 * Functions as a Task state calls them: by their own ARN, and through `lambda:invoke` with its wrapping of the result.
 * Shapes, names and texts are AWS's, as recorded there.
 */
import { randomUUID } from 'node:crypto';
import { parseResource } from '../../asl/resource.ts';
import { DiskError } from '../../database/disk-error.ts';
import { Value } from '../../interpreter/value.ts';
import { functionError } from '../../ports/function-error.ts';
import type { Functions, InvokeResult } from '../../ports/functions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome, TaskRequest } from '../../ports/services.ts';
import { acceptedOutput, invokeOutput } from './invoke-output.ts';
import { attemptKey } from '../attempt-key.ts';
import { readInvokeParams } from './invoke-params.ts';
import { createLogTail } from '../../ports/log-tail.ts';
import { traceId } from '../../trace-id.ts';

export interface LambdaServiceOptions {
  /** Milliseconds since the epoch, for the `Date` of a response. @defaultValue Date.now */
  readonly now?: () => number;
  readonly invokeLater: InvokeLater;
}

/** Takes an invocation whose result nobody waits for. Returns once it is kept. @param key again under the same key is nothing new */
export type InvokeLater = (functionName: string, payload: string, execution: string, key: string) => void;

/** Answers function ARNs and `lambda:invoke`, in any partition, region and account. */
export function createLambdaService(
  functions: Functions,
  { now = Date.now, invokeLater }: LambdaServiceOptions,
): Service {
  const call = async (request: TaskRequest, { name, payload, onLog }: Call): Promise<Called> => {
    const requestId = randomUUID();
    try {
      const { idempotencyKey, signal } = request;
      const { executionArn: execution } = request.task;
      const params = { functionName: name, payload, idempotencyKey, signal, requestId, execution };
      const result = await functions.invoke(onLog ? { ...params, onLog } : params);
      if (result.kind === 'returned') return { requestId, payload: result.payload };
      return { failure: { kind: 'failed', ...functionFailure(result, requestId) } };
    } catch (error) {
      if (error instanceof DiskError) throw error;
      return { failure: refusal(error, requestId) };
    }
  };
  const accept = (request: TaskRequest, { name, payload }: Call): TaskOutcome => {
    const requestId = randomUUID();
    if (!functions.has(name))
      return refusal(new ServiceError('ResourceNotFoundException', `Function not found: ${name}`, 404), requestId);
    invokeLater(name, payload, request.task.executionArn, attemptKey(request));
    const output = acceptedOutput({ requestId, traceId: `${traceId(now())};Sampled=0`, date: new Date(now()) });
    return { kind: 'succeeded', output };
  };
  const byArn = async (request: TaskRequest): Promise<TaskOutcome> => {
    const called = await call(request, { name: request.resource, payload: request.parameters.text });
    if ('failure' in called) return called.failure;
    return { kind: 'succeeded', output: Value.ofText(called.payload) };
  };
  const invoke = async (request: TaskRequest): Promise<TaskOutcome> => {
    const params = readInvokeParams(request.parameters.json);
    if (!params.ok) return { kind: 'failed', error: 'States.Runtime', cause: params.error, rejected: true };
    if (params.value.isEvent) return accept(request, params.value);
    const tail = params.value.logTail ? createLogTail() : undefined;
    const called = await call(request, { ...params.value, ...(tail && { onLog: tail.add }) });
    if ('failure' in called) return called.failure;
    const output = invokeOutput({
      payload: called.payload,
      requestId: called.requestId,
      traceId: `${traceId(now())};Sampled=0`,
      date: new Date(now()),
      ...(tail && { logResult: tail.read() }),
    });
    return { kind: 'succeeded', output };
  };
  return { perform: (request) => (isFunctionArn(request.resource) ? byArn(request) : invoke(request)) };
}

interface Call {
  readonly name: string;
  readonly payload: string;
  readonly onLog?: (line: string) => void;
}

type Called = { readonly requestId: string; readonly payload: string } | { readonly failure: TaskOutcome };

function isFunctionArn(resource: string): boolean {
  return parseResource(resource)?.kind === 'function';
}

/** Error and cause of an invocation that gave no result. */
function functionFailure(
  result: Exclude<InvokeResult, { kind: 'returned' }>,
  requestId: string,
): { readonly error: string; readonly cause: string } {
  const { errorType, payload } = functionError(result, requestId);
  return errorType === '' ? { error: 'Lambda.Unknown', cause: untold(payload) } : { error: errorType, cause: payload };
}

function untold(payload: string): string {
  return `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`;
}

/** A call that reached no function. */
function refusal(error: unknown, requestId: string): TaskOutcome {
  if (!(error instanceof ServiceError)) {
    const cause = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', error: 'Lambda.ServiceException', cause };
  }
  const { code, status, message } = error;
  const details = `Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null`;
  return { kind: 'failed', error: `Lambda.${code}`, cause: `${message} (${details})` };
}
