/** One call of a running server's Step Functions API. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import { DETAILS_HEADER } from './details-header.ts';

/** @throws ServiceError the server's refusal; Error when it does not answer */
export type Call = (action: string, params: JsonObject) => Promise<JsonObject>;

export function createCall(url: string): Call {
  return async (action, params) => {
    const response = await send(url, action, params);
    const answer = parse(await response.text());
    if (response.ok && isObject(answer)) return answer;
    const { __type: code, message } = isObject(answer) ? answer : {};
    if (typeof code === 'string') throw new ServiceError(code, String(message ?? code), response.status);
    throw new Error(`${url} answered ${action} with status ${response.status}, not as a Fanfold server does.`);
  };
}

async function send(url: string, action: string, params: JsonObject): Promise<Response> {
  try {
    return await fetch(new URL('/', url), {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.0',
        'X-Amz-Target': `AWSStepFunctions.${action}`,
        [DETAILS_HEADER]: '1',
      },
      body: JSON.stringify(params),
    });
  } catch (error) {
    throw new Error(`The server at ${url} does not answer. Is it still running?`, { cause: error });
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
