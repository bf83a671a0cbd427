/** APIs of AWS in its JSON protocol beside that of Step Functions: a request's target and body in, an answer out. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { ApiCall } from '../ports/api-call.ts';
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import { errorAnswer, jsonAnswer, type StatesApi } from './states-api.ts';

/** By what stands before the dot of X-Amz-Target: `AmazonSQS`. */
export type JsonApis = Readonly<Record<string, ApiCall>>;

/** @param rest asked for every other target */
export function createJsonApis(apis: JsonApis, rest: StatesApi, logger: Logger): StatesApi {
  return async (request) => {
    const [service = '', action = ''] = (request.target ?? '').split('.');
    const call = Object.hasOwn(apis, service) ? apis[service] : undefined;
    if (!call) return rest(request);
    try {
      return jsonAnswer(200, await call(action, parse(request.body), { signal: request.signal }));
    } catch (error) {
      if (!(error instanceof ServiceError))
        logger.error('A request to the API failed', { target: request.target, error });
      return errorAnswer(error);
    }
  };
}

/** @throws ServiceError SerializationException */
function parse(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Json;
    if (isObject(value)) return value;
  } catch {
    // Told below.
  }
  throw new ServiceError('SerializationException', 'The request must be a JSON object in UTF-8.');
}
