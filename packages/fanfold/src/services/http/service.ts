/**
 * `http:invoke`: HTTP requests to public APIs, authorised by connections. Secrets are in no output, error or trace, also
 * where the other side sends them back.
 */
import { Value } from '../../interpreter/value.ts';
import type { Json } from '../../json.ts';
import type { HttpExchange, Service, TaskOutcome, TaskRequest } from '../../ports/services.ts';
import {
  AddressRefused,
  AnswerTooLate,
  AnswerTooLong,
  bodyOf,
  type HttpAnswer,
  type HttpCall,
  type HttpClient,
} from '../http-client.ts';
import { type Authorization, ConnectionError, type Connections, NO_AUTHORIZATION } from './connections.ts';
import { type HttpRequest, readHttpParams } from './invoke-params.ts';

export interface HttpServiceParams {
  readonly client: HttpClient;
  readonly connections: Connections;
  /** Whether this host may be called without TLS: those that the project allows by name. */
  readonly mayBePlain: (host: string, port: number) => boolean;
  readonly region: string;
  /** Resolves once everything committed so far survives a power cut: a request cannot be taken back (I2). */
  readonly sync: () => Promise<void>;
}

export function createHttpService(params: HttpServiceParams): Service {
  const { client, connections, mayBePlain, region, sync } = params;
  return {
    perform: async (task) => {
      const read = readHttpParams(task.parameters.json);
      if (!read.ok) return { kind: 'failed', error: 'States.Runtime', cause: read.error, rejected: true };
      const request = read.value;
      const { url, connection } = request;
      if (url.protocol === 'http:' && !mayBePlain(url.hostname, Number(url.port || 80)))
        return failed(
          'States.Http.AddressRefused',
          `${url.host} may be called by https only. If plain HTTP is meant, add "${url.host}" to http.allow of the project file.`,
        );
      let authorization = NO_AUTHORIZATION;
      try {
        await sync();
        for (let attempt = 1; ; attempt++) {
          if (connection !== undefined) authorization = await connections.authorize(connection, task.signal);
          const call = callOf(request, authorization, region, task.signal);
          const answer = await exchange(client, call, authorization, task);
          if (answer.status === 401 && connection !== undefined && attempt === 1) {
            // A token that was taken back before its time is fetched anew, once.
            connections.forget(connection);
            if (call.headers['Authorization']?.toString().startsWith('Bearer ') === true) continue;
          }
          return outcomeOf(answer, authorization);
        }
      } catch (error) {
        return failureOf(error, url.host, authorization);
      }
    },
  };
}

function callOf(
  { url, method, headers, body }: HttpRequest,
  authorization: Authorization,
  region: string,
  signal: AbortSignal,
): HttpCall {
  const full = new URL(url);
  for (const [name, value] of Object.entries(authorization.query)) full.searchParams.set(name, value);
  const own = new Set(Object.keys(authorization.headers).map((name) => name.toLowerCase()));
  const given = Object.entries(headers).filter(([name]) => !own.has(name.toLowerCase()));
  return {
    origin: full.origin,
    method,
    target: full.pathname + full.search,
    headers: {
      'User-Agent': `Amazon|StepFunctions|HttpInvoke|${region}`,
      ...Object.fromEntries(given),
      ...authorization.headers,
    },
    ...(body !== undefined && { body }),
    signal,
  };
}

async function exchange(
  client: HttpClient,
  call: HttpCall,
  { conceal }: Authorization,
  { trace }: TaskRequest,
): Promise<HttpAnswer> {
  const show = trace?.revealSecrets === true ? (text: string): string => text : conceal;
  const url = `${call.origin}${call.target}`;
  const protocol = url.slice(0, url.indexOf(':'));
  const request: HttpExchange['request'] = {
    protocol,
    method: call.method,
    url: show(url),
    headers: show(headerText(call.headers)),
    ...(call.body !== undefined && { body: show(call.body) }),
  };
  trace?.tell({ request });
  const answer = await client(call);
  trace?.tell({
    request,
    response: {
      protocol,
      statusCode: String(answer.status),
      statusMessage: show(answer.statusText),
      headers: show(headerText(answer.headers)),
      body: show(answer.body),
    },
  });
  return answer;
}

function headerText(headers: Readonly<Record<string, string | readonly string[]>>): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : value.join(',')}`,
  );
  return `[${lines.join(', ')}]`;
}

function outcomeOf(answer: HttpAnswer, { conceal }: Authorization): TaskOutcome {
  const { status, statusText } = answer;
  if (status < 200 || status >= 300)
    return failed(`States.Http.StatusCode.${status}`, conceal(answer.body === '' ? statusText : answer.body));
  const body = conceal(answer.body);
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, values]) => [name, values.map((value) => conceal(value))]),
  );
  const output = {
    Headers: headers,
    ResponseBody: bodyOf({ headers, body }) as Json,
    StatusCode: status,
    StatusText: statusText,
  };
  return { kind: 'succeeded', output: Value.ofJson(output) };
}

function failureOf(error: unknown, host: string, { conceal }: Authorization): TaskOutcome {
  const reason = conceal(error instanceof Error ? error.message : String(error));
  if (error instanceof AddressRefused) return failed('States.Http.AddressRefused', reason);
  if (error instanceof ConnectionError) return failed('Events.ConnectionResource.InvalidConnectionState', reason);
  if (error instanceof AnswerTooLong)
    return failed(
      'States.DataLimitExceeded',
      "The state/task 'http' returned a result with a size exceeding the maximum number of bytes service limit.",
    );
  if (error instanceof AnswerTooLate)
    return failed('States.Http.Socket', `${host} has not answered within 60 seconds.`);
  return failed('States.Http.Socket', `The request to ${host} came to nothing: ${reason}`);
}

function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
