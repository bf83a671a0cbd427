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
  /** The parameter that is a text, and is written as one where it is given as JSON. @defaultValue none */
  readonly message?: string;
  /** Resolves once everything committed so far survives a power cut (I2). */
  readonly sync: () => Promise<void>;
}

export function createAwsSdkCalls({ call, sync, message, ...exceptions }: AwsSdkCallsParams): Service {
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
        const answer = await call(`${action.charAt(0).toUpperCase()}${action.slice(1)}`, requestOf(json, message), {
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

/** Also in the entries of a batch. */
function requestOf(json: JsonObject, message: string | undefined): JsonObject {
  if (message === undefined) return json;
  const entryOf = (entry: Json): Json => (isObject(entry) ? requestOf(entry, message) : entry);
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => {
      if (isArray(value)) return [key, value.map(entryOf)];
      return [key, key === message && typeof value !== 'string' && value !== null ? JSON.stringify(value) : value];
    }),
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
