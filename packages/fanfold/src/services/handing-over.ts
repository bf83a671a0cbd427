/** A Task resource of one action that hands something over for good: a message, an event. */
import { parseResource } from '../asl/resource.ts';
import { Value } from '../interpreter/value.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { ApiCall } from '../ports/api-call.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Service, TaskOutcome, TaskRequest } from '../ports/services.ts';
import { attemptKey } from './attempt-key.ts';

export interface HandingOverParams {
  readonly call: ApiCall;
  /** Resolves once everything committed so far survives a power cut: what is handed over cannot be taken back (I2). */
  readonly sync: () => Promise<void>;
  /** Milliseconds since the epoch, for the Date header of a response. */
  readonly now: () => number;
}

/** One service's action, and how Step Functions words what comes of it. */
export interface HandingOver {
  /** As it is called in errors: `SNS`. */
  readonly service: string;
  /** As a resource names it: `publish`. */
  readonly action: string;
  /** As the service's API names it: `Publish`. */
  readonly apiAction: string;
  readonly requestOf: (parameters: JsonObject, task: TaskRequest) => JsonObject;
  /** @param now milliseconds since the epoch */
  readonly outcomeOf: (answer: JsonObject, now: number) => TaskOutcome;
  readonly refusalOf: (error: ServiceError) => TaskOutcome;
}

export function handingOver(action: HandingOver, { call, sync, now }: HandingOverParams): Service {
  const { service, action: wanted, apiAction, requestOf, outcomeOf, refusalOf } = action;
  return {
    perform: async (task) => {
      const { resource, signal } = task;
      const [asked] = (parseResource(resource)?.action ?? '').split('.');
      const { json } = task.parameters;
      if (asked !== wanted)
        return failed(
          'States.Runtime',
          `The resource '${resource}' is not available here. Of ${service} there is ${wanted}.`,
        );
      if (!isObject(json)) return failed('States.Runtime', `The Parameters of ${resource} must be an object.`);
      try {
        await sync();
        const answer = await call(apiAction, requestOf(json, task), { signal, idempotencyKey: attemptKey(task) });
        return outcomeOf(answer, now());
      } catch (error) {
        if (error instanceof ServiceError) return refusalOf(error);
        throw error;
      }
    },
  };
}

export function succeeded(output: JsonObject): TaskOutcome {
  return { kind: 'succeeded', output: Value.ofJson(output) };
}

export function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
