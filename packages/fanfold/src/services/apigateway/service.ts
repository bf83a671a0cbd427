/**
 * `apigateway:invoke`: real HTTP requests to the APIs of the project. An API that is not one of the project is never
 * called: no request leaves the machine.
 */
import { Value } from '../../interpreter/value.ts';
import type { Json } from '../../json.ts';
import type { Service, TaskOutcome } from '../../ports/services.ts';
import { AnswerTooLate, AnswerTooLong, bodyOf, createHttpClient, type HttpAnswer } from '../http-client.ts';
import { throughEdge } from './edge-headers.ts';
import { readInvokeParams } from './invoke-params.ts';

export interface ApigatewayServiceParams {
  /**
   * Where the API with this host is served: `origin` is what is connected to, `host` what the Host header says. Undefined
   * when it is not an API of the project.
   */
  resolve(apiHost: string): { readonly origin: string; readonly host: string } | undefined;
}

/** As API Gateway: what it passes on, and how long it waits. */
const LIMITS = { longestAnswer: 10 * 1024 * 1024, latestAnswer: 29_000 } as const;

export function createApigatewayService({ resolve }: ApigatewayServiceParams): Service {
  const call = createHttpClient(LIMITS);
  return {
    perform: async ({ parameters, signal }) => {
      const request = readInvokeParams(parameters.json);
      if (!request.ok) return { kind: 'failed', error: 'States.Runtime', cause: request.error, rejected: true };
      const { endpoint, ...rest } = request.value;
      const server = resolve(endpoint);
      if (!server) {
        return failed(
          'ApiGateway.UnknownHostException',
          `There is no API at ${endpoint}. The first label of ApiEndpoint must be the name of an API of this project.`,
        );
      }
      try {
        const answer = await call({ ...server, ...rest, signal });
        if (answer.status >= 400) return failed(`ApiGateway.${answer.status}`, answer.body);
        return { kind: 'succeeded', output: outputOf(answer) };
      } catch (error) {
        return failureOf(error, endpoint);
      }
    },
  };
}

function outputOf({ headers, body, status, statusText }: HttpAnswer): Value {
  return Value.ofJson({
    Headers: throughEdge(headers),
    ResponseBody: bodyOf({ headers, body }) as Json,
    StatusCode: status,
    StatusText: statusText,
  });
}

function failureOf(error: unknown, endpoint: string): TaskOutcome {
  if (error instanceof AnswerTooLong) {
    return failed(
      'States.DataLimitExceeded',
      "The state/task 'apigateway' returned a result with a size exceeding the maximum number of bytes service limit.",
    );
  }
  if (error instanceof AnswerTooLate) return failed('ApiGateway.504', '{"message":"Endpoint request timed out"}');
  const reason = error instanceof Error ? error.message : String(error);
  return failed('ApiGateway.SdkClientException', `The request to ${endpoint} came to nothing: ${reason}`);
}

function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
