import type { JsonObject } from '../json.ts';

/**
 * An AWS API as it is called: an action by its name, with the names of the API's JSON protocol; what the wire and the tasks share.
 * `idempotencyKey` names the attempt that asks: asking again under the same key is the same request.
 * @throws ServiceError
 */
export type ApiCall = (
  action: string,
  input: JsonObject,
  options: {
    readonly signal: AbortSignal;
    readonly idempotencyKey?: string;
    /** The ARN of the execution that calls, when one does. */
    readonly execution?: string;
  },
) => Promise<JsonObject>;
