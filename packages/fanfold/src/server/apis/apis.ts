/**
 * HTTP routes to functions, in API Gateway's stead. A batch may call them once for each chunk, so this path goes from
 * node's request straight to the function.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Functions, InvokeResult } from '../../ports/functions.ts';
import type { Logger } from '../../ports/logger.ts';
import { BodyTooLarge, ClientGone, readBody } from '../body.ts';
import { type HttpAnswer, proxyAnswer } from './proxy-answer.ts';
import { proxyEvent } from './proxy-event.ts';
import { buildRouteTree, matchRoute, pathSegments, type RouteNode } from './route-tree.ts';
import { randomText } from '../../random-text.ts';
import { traceId } from '../../trace-id.ts';

export interface ApiDefinition {
  readonly stage: string;
  /** `GET /orders/{id}` -> the name of a function. */
  readonly routes: Readonly<Record<string, string>>;
}

export interface ApisParams {
  readonly apis: Readonly<Record<string, ApiDefinition>>;
  readonly functions: Pick<Functions, 'invoke' | 'has'>;
  /** @throws ServiceError when the API may not invoke the function */
  readonly authorise: (apiName: string, functionName: string) => void;
  readonly logger: Logger;
  readonly account: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** @param target path and query from the stage on: `/<stage>/<path>?<query>` */
export type Apis = (
  apiName: string,
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => Promise<void>;

/** As on API Gateway. Bytes. */
const LONGEST_BODY = 10 * 1024 * 1024;

interface Api {
  readonly name: string;
  readonly stage: string;
  readonly routes: RouteNode;
}

/** @throws Error for a route that cannot be, or that leads to no function */
export function createApis({ apis, functions, authorise, logger, account, now }: ApisParams): Apis {
  const known = compile(apis, functions);

  const respond: (...request: Parameters<Apis>) => Promise<void> = async (apiName, target, incoming, outgoing) => {
    const requestId = randomUUID();
    const send = (answer: HttpAnswer): void => sendAnswer(outgoing, requestId, now(), answer);
    const api = known.get(apiName.toLowerCase());
    if (!api)
      return send(message(404, `There is no API '${apiName}' here. There are: ${[...known.keys()].join(', ')}`));
    const { stage, path, query } = splitTarget(target);
    if (stage !== api.stage) return send(FORBIDDEN);
    const segments = decoded(path);
    if (!segments) return send(BAD_REQUEST);
    const match = matchRoute(api.routes, incoming.method ?? '', segments);
    if (!match) return send(NO_ROUTE);

    const body = await readBody(incoming, LONGEST_BODY);
    const { functionName } = match.route;
    authorise(api.name, functionName);
    const result = await functions.invoke({
      functionName,
      payload: proxyEvent({
        incoming,
        match,
        apiName: api.name,
        stage,
        account,
        requestId,
        path,
        query,
        body,
        at: now(),
      }),
      idempotencyKey: `http:${requestId}`,
    });
    const answer = result.kind === 'returned' ? proxyAnswer(result.payload) : undefined;
    if (!answer)
      logger.error('A function behind a route gave no answer', {
        api: api.name,
        resource: match.route.resource,
        function: functionName,
        requestId,
        reason: reasonOf(result),
      });
    send(answer ?? SERVER_ERROR);
  };

  return async (apiName, target, incoming, outgoing) => {
    try {
      await respond(apiName, target, incoming, outgoing);
    } catch (error) {
      if (error instanceof ClientGone) return;
      const tooLarge = error instanceof BodyTooLarge;
      if (!tooLarge) logger.error('A request to a route failed', { api: apiName, target, error });
      sendAnswer(outgoing, randomUUID(), now(), tooLarge ? TOO_LONG : SERVER_ERROR);
    }
  };
}

function compile(
  apis: Readonly<Record<string, ApiDefinition>>,
  functions: Pick<Functions, 'has'>,
): ReadonlyMap<string, Api> {
  const known = new Map<string, Api>();
  for (const [name, { stage, routes }] of Object.entries(apis)) {
    if (known.has(name.toLowerCase()))
      throw new Error(`Two APIs are called '${name}': in host names, upper and lower case are the same.`);
    for (const [route, functionName] of Object.entries(routes))
      if (!functions.has(functionName))
        throw new Error(
          `The route '${route}' of the API '${name}' leads to '${functionName}', which is no function of this project.`,
        );
    known.set(name.toLowerCase(), { name, stage, routes: buildRouteTree(routes, name) });
  }
  return known;
}

/** `/<stage>/<path>?<query>` */
function splitTarget(target: string): { stage: string; path: string; query: string } {
  const mark = target.indexOf('?');
  const full = mark < 0 ? target : target.slice(0, mark);
  const slash = full.indexOf('/', 1);
  return {
    stage: slash < 0 ? full.slice(1) : full.slice(1, slash),
    path: slash < 0 ? '/' : full.slice(slash),
    query: mark < 0 ? '' : target.slice(mark + 1),
  };
}

function decoded(path: string): string[] | undefined {
  try {
    return pathSegments(path);
  } catch {
    return undefined;
  }
}

function sendAnswer(
  outgoing: ServerResponse,
  requestId: string,
  at: number,
  { status, headers, body }: HttpAnswer,
): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  // These have no body (RFC 9110), whatever the function says; a length would make the client wait for one.
  const empty = status === 204 || status === 304;
  const length = empty ? [] : ['Content-Length', String(Buffer.byteLength(body))];
  outgoing.writeHead(status, [...headers, 'x-amzn-RequestId', requestId, ...traced(at), ...length]);
  outgoing.end(empty ? undefined : body);
}

/** What API Gateway says beside the id of the request: its own id of it, and where its trace begins. */
function traced(at: number): string[] {
  return ['x-amz-apigw-id', randomText(11, 'base64'), 'X-Amzn-Trace-Id', traceId(at)];
}

function message(status: number, text: string, errorType?: string): HttpAnswer {
  const headers = ['Content-Type', 'application/json', ...(errorType ? ['x-amzn-ErrorType', errorType] : [])];
  return { status, headers, body: JSON.stringify({ message: text }) };
}

const BAD_REQUEST = message(400, 'Bad Request', 'BadRequestException');
const FORBIDDEN = message(403, 'Forbidden', 'ForbiddenException');
const NO_ROUTE = message(403, 'Missing Authentication Token', 'MissingAuthenticationTokenException');
const TOO_LONG = message(413, 'Request Too Long', 'RequestTooLongException');
const SERVER_ERROR = message(502, 'Internal server error', 'InternalServerErrorException');

function reasonOf(result: InvokeResult): string {
  switch (result.kind) {
    case 'returned':
      return `Its answer is not of the form { statusCode, headers, body }: ${result.payload.slice(0, 200)}`;
    case 'threw':
      return `${result.errorType}: ${result.errorMessage}`;
    case 'timedOut':
      return `It took longer than ${result.seconds} seconds`;
    case 'exited':
      return result.message;
    default:
      return result satisfies never;
  }
}
