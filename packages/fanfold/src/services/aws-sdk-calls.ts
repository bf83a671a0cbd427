/** `aws-sdk:<service>:<action>` over an API of this process: names and errors are those of the SDK for Java. */
import { parseResource } from '../asl/resource.ts';
import { Value } from '../interpreter/value.ts';
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import type { ApiCall } from '../ports/api-call.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Service } from '../ports/services.ts';
import { attemptKey } from './attempt-key.ts';
import { type SdkExceptions, sdkFailure } from './sdk-failure.ts';

export interface AwsSdkCallsParams extends SdkExceptions {
  readonly call: ApiCall;
  /** Resolves once everything committed so far survives a power cut (I2). */
  readonly sync: () => Promise<void>;
}

export function createAwsSdkCalls({ call, sync, ...exceptions }: AwsSdkCallsParams): Service {
  return {
    perform: async (task) => {
      const action = parseResource(task.resource)?.action.replace(/\..*/, '') ?? '';
      const { json } = task.parameters;
      if (!isObject(json))
        return {
          kind: 'failed',
          error: 'States.Runtime',
          cause: `The Parameters of ${task.resource} must be an object.`,
        };
      try {
        if (!/^(?:get|list|receive)/.test(action)) await sync();
        const answer = await call(`${action.charAt(0).toUpperCase()}${action.slice(1)}`, requestOf(json), {
          signal: task.signal,
          idempotencyKey: attemptKey(task),
          execution: task.task.executionArn,
        });
        return { kind: 'succeeded', output: Value.ofJson(javaNames(answer)) };
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        return sdkFailure(exceptions, error);
      }
    },
  };
}

/** Texts given as JSON are written as texts. */
function requestOf(json: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      /^(?:MessageBody|Message)$/.test(key) && typeof value !== 'string' && value !== null
        ? JSON.stringify(value)
        : value,
    ]),
  );
}

/** `MD5OfBody` is `Md5OfBody` there. */
function javaNames(value: Json): Json {
  if (isArray(value)) return value.map(javaNames);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key.replace(/^MD5Of/, 'Md5Of'), javaNames(one)]),
  );
}
