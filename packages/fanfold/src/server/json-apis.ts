/** APIs of AWS in its JSON protocol beside that of Step Functions: a request's target and body in, an answer out. */
import type { ApiCall } from '../ports/api-call.ts';
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import { parseBody } from './json-body.ts';
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
      return jsonAnswer(200, await call(action, parseBody(request.body), { signal: request.signal }));
    } catch (error) {
      if (!(error instanceof ServiceError))
        logger.error('A request to the API failed', { target: request.target, error });
      return errorAnswer(error);
    }
  };
}
