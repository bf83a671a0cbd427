/** What is not in a hurry: the APIs in AWS JSON at `/`, and Fanfold's own pages. */
import { isAbsolute } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Logger } from '../ports/logger.ts';
import { ServiceError } from '../ports/service-error.ts';
import { BodyTooLarge, ClientGone, readBody } from './body.ts';
import { DETAILS_HEADER } from './details-header.ts';
import {
  DYNAMODB_REQUEST_BYTES,
  dynamodbError,
  type DynamodbWire,
  isDynamodbTarget,
} from './dynamodb/dynamodb-wire.ts';
import { parseBody } from './json-body.ts';
import type { QueryApi } from './query-api.ts';
import { errorAnswer, type StatesAnswer, type StatesApi } from './states-api.ts';

export interface PagesParams {
  readonly states: StatesApi;
  readonly dynamodb: DynamodbWire;
  /** Asked for what comes as a form. */
  readonly query?: QueryApi;
  /** How long a request to it may be, in bytes. */
  readonly longestRequest: number;
  readonly health: object;
  readonly outputs: () => unknown;
  /** @throws ServiceError ValidationException when the target cannot be */
  readonly backup: (target: string) => Promise<object>;
  readonly logger: Logger;
}

export function createPages({
  states,
  dynamodb,
  query,
  longestRequest,
  health,
  outputs,
  backup,
  logger,
}: PagesParams): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  const app = new Hono<{ Bindings: HttpBindings }>();

  app.on('POST', ['/', '/:account{[0-9]{12}}/:queue'], async ({ env: { incoming, outgoing } }) => {
    const { headers } = incoming;
    const target = headers['x-amz-target'] as string | undefined;
    if (isDynamodbTarget(target)) return toResponse(await callDynamodb(incoming, target));
    const body = await readBody(incoming, longestRequest);
    const type = headers['content-type'] ?? '';
    const isForm = query && FORM.test(type);
    if (!isForm && !AWS_JSON.test(type)) throw WRONG_TYPE;
    const details = headers[DETAILS_HEADER] === '1';
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const { signal } = gone;
    if (isForm) return toResponse(await query(body.toString(), signal));
    return toResponse(await states({ target, body, details, signal }));
  });
  const callDynamodb = async (incoming: IncomingMessage, target: string): Promise<StatesAnswer> => {
    const { authorization, 'content-type': type = '' } = incoming.headers;
    try {
      const body = await readBody(incoming, DYNAMODB_REQUEST_BYTES);
      if (!AWS_JSON.test(type)) throw WRONG_TYPE;
      return await dynamodb({ target, authorization, body });
    } catch (error) {
      return dynamodbError(error instanceof BodyTooLarge ? tooLarge(DYNAMODB_REQUEST_BYTES) : error);
    }
  };

  // The links in mails.
  app.get('/', async ({ req, notFound }) => {
    const { search, searchParams } = new URL(req.url);
    if (!query || !LINK_ACTIONS.has(searchParams.get('Action') ?? '')) return notFound();
    return toResponse(await query(search, new AbortController().signal));
  });
  app.get('/_fanfold/health', (context) => context.json(health));
  app.get('/_fanfold/outputs', async (context) => context.json((await outputs()) as object));

  app.post('/_fanfold/backup', async (context) => {
    const { incoming } = context.env;
    if (!AWS_JSON.test(incoming.headers['content-type'] ?? '')) throw WRONG_TYPE;
    const { target } = parseBody(await readBody(incoming, longestRequest));
    if (typeof target !== 'string' || !isAbsolute(target)) throw NO_TARGET;
    return context.json(await backup(target));
  });

  app.notFound((context) => {
    const { method, path } = context.req;
    return context.json({ message: `There is nothing at ${method} ${path}. ${WHAT_THERE_IS}` }, 404);
  });
  app.onError((error, { env: { incoming } }) => {
    if (error instanceof BodyTooLarge) return closing(toResponse(errorAnswer(tooLarge(longestRequest))));
    if (!(error instanceof ClientGone || error instanceof ServiceError))
      logger.error('A request failed', { target: incoming.url, error });
    return toResponse(errorAnswer(error));
  });
  return getRequestListener(app.fetch as Parameters<typeof getRequestListener>[0], { overrideGlobalObjects: false });
}

const WHAT_THERE_IS =
  'The APIs of Step Functions and DynamoDB are at POST /, API routes below /_api/<name>/<stage>/, and the state of this server at ' +
  'GET /_fanfold/health and /_fanfold/outputs; POST /_fanfold/backup copies its data.';

/** Types that no page of another origin can send without asking first. */
const AWS_JSON = /^application\/(?:x-amz-json-1\.[01]|json)(?:$|[;\s])/i;

/** Browsers send it too: with the origin of the page, by which those of others are refused. */
const FORM = /^application\/x-www-form-urlencoded(?:$|[;\s])/i;

const LINK_ACTIONS: ReadonlySet<string> = new Set(['ConfirmSubscription', 'Unsubscribe']);

const WRONG_TYPE = new ServiceError(
  'UnsupportedMediaTypeException',
  'A request to the API must have the Content-Type application/x-amz-json-1.0.',
  415,
);

function tooLarge(bytes: number): ServiceError {
  return new ServiceError(
    'RequestEntityTooLargeException',
    `A request to the API may have ${bytes} bytes at most. Put large data into an object and pass its key.`,
    413,
  );
}

const NO_TARGET = new ServiceError(
  'ValidationException',
  "A backup needs a 'target': the absolute path of a new folder.",
);

function toResponse({ status, headers, body }: StatesAnswer): Response {
  return new Response(body, { status, headers });
}

/** What is left of the request is not read: the connection is of no more use. */
function closing(response: Response): Response {
  response.headers.set('Connection', 'close');
  return response;
}
