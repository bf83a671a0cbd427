/** One call of a running server's Step Functions API. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import { DETAILS_HEADER } from './details-header.ts';

/** @throws ServiceError the server's refusal; Error when it does not answer */
export type Call = (action: string, params: JsonObject) => Promise<JsonObject>;

export function createCall(url: string): Call {
  return (action, params) =>
    post(url, '/', params, { 'X-Amz-Target': `AWSStepFunctions.${action}`, [DETAILS_HEADER]: '1' });
}

/** Sends JSON to a page of the server. @throws ServiceError the server's refusal; Error when it does not answer */
export async function post(
  url: string,
  path: string,
  params: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonObject> {
  const response = await send(new URL(path, url), params, headers);
  const answer = parse(await response.text());
  if (response.ok && isObject(answer)) return answer;
  const { __type: code, message } = isObject(answer) ? answer : {};
  if (typeof code === 'string') throw new ServiceError(code, String(message ?? code), response.status);
  throw new Error(`${url} answered ${path} with status ${response.status}, not as a Fanfold server does.`);
}

async function send(url: URL, params: JsonObject, headers: Readonly<Record<string, string>>): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-amz-json-1.0', ...headers },
      body: JSON.stringify(params),
    });
  } catch (error) {
    throw new Error(`The server at ${url.origin} does not answer. Is it still running?`, { cause: error });
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
