/** What is not in a hurry: the APIs in AWS JSON at `/`, and Fanfold's own pages. */
import { isAbsolute } from 'node:path';
import type { Json } from '../json.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { BatchRuns } from '../ports/batch-runs.ts';
import type { ApiCall } from '../ports/api-call.ts';
import type { Logger } from '../ports/logger.ts';
import { parseBody } from '../ports/json-body.ts';
import { ServiceError } from '../ports/service-error.ts';
import { BodyTooLarge, ClientGone, readBody } from './body.ts';
import { DETAILS_HEADER } from './details-header.ts';
import { batchPages } from './batch-pages.ts';
import type { Guard, KnownCaller } from './guard.ts';
import { createIntake, type Intake } from './intake.ts';
import { callJsonApi, findJsonApi, type JsonApi, type JsonApis, jsonError, type WireAnswer } from './json-apis.ts';
import { SNS_VERSION } from './query/sns.ts';
import { callQueryApi, linkForm, type QueryApis } from './query/query-apis.ts';

export interface PagesParams {
  readonly apis: JsonApis;
  /** Asked for what comes as a form. */
  readonly queryApis: QueryApis;
  /** The second API of SES. @defaultValue there is none */
  readonly mail?: ApiCall | undefined;
  /** How long a request may be where its API does not say, in bytes. */
  readonly longestRequest: number;
  readonly health: object;
  readonly outputs: () => unknown;
  readonly batchRuns?: BatchRuns;
  /** @throws ServiceError ValidationException when the target cannot be */
  readonly backup: (target: string) => Promise<object>;
  /** Takes in events of S3 from outside. @throws ServiceError ValidationException */
  readonly objectEvents?: (message: Json) => Promise<readonly object[]>;
  readonly logger: Logger;
  readonly guard: Guard;
}

export function createPages(
  params: PagesParams,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  const { health, outputs, batchRuns, backup, objectEvents, logger, queryApis, longestRequest, guard } = params;
  const intake = createIntake({ most: BYTES_PER_TURN });
  const app = new Hono<{ Bindings: HttpBindings }>();

  app.on('POST', ['/', '/:account{[0-9]{12}}/:queue'], async ({ env: { incoming, outgoing } }) => {
    const gone = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort();
    });
    const { signal } = gone;
    const { 'content-type': type = '', 'x-amz-target': target } = incoming.headers;
    if (target !== undefined || !FORM.test(type))
      return send(outgoing, await callJson(params, intake, incoming, signal));
    const body = await readBody(incoming, longestRequest);
    const { url = '/', headers } = incoming;
    const request = {
      form: body.toString(),
      authorization: headers.authorization,
      signal,
      caller: () => guard.caller(incoming, body),
      ...(url !== '/' && { queueUrl: `http://localhost${url}` }),
    };
    return toResponse(await callQueryApi(queryApis, request, logger));
  });

  app.post('/v2/email/outbound-emails', async ({ env: { incoming } }) => toResponse(await callMail(params, incoming)));
  app.all('/v2/email/*', ({ req: { method, path } }) => toResponse(jsonError(notOfMail(`${method} ${path}`))));

  // The links in mails.
  app.get('/', async ({ req, notFound }) => {
    const { search, searchParams } = new URL(req.url);
    if (!LINK_ACTIONS.has(searchParams.get('Action') ?? '')) return notFound();
    const form = linkForm(search, SNS_VERSION);
    const request = { form, signal: new AbortController().signal, caller: () => ANYBODY };
    return toResponse(await callQueryApi(queryApis, request, logger));
  });
  app.get('/_fanfold/health', (context) => context.json(health));
  app.use('/_fanfold/*', async ({ env: { incoming } }, next) => {
    guard.owner(incoming);
    await next();
  });
  app.get('/_fanfold/outputs', async (context) => context.json((await outputs()) as object));

  if (batchRuns) app.route('/_fanfold/batches', batchPages(batchRuns));

  app.post('/_fanfold/object-events', async (context) => {
    const { incoming } = context.env;
    if (!AWS_JSON.test(incoming.headers['content-type'] ?? '')) throw WRONG_TYPE;
    const message = parseBody(await readBody(incoming, longestRequest));
    if (!objectEvents) return context.notFound();
    return context.json({ objects: await objectEvents(message) });
  });

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
    if (error instanceof BodyTooLarge) return toResponse(jsonError(tooLarge(longestRequest)));
    if (!(error instanceof ClientGone || error instanceof ServiceError))
      logger.error('A request failed', { target: incoming.url, error });
    return toResponse(jsonError(error));
  });
  return getRequestListener(app.fetch as Parameters<typeof getRequestListener>[0], {
    overrideGlobalObjects: false,
    autoCleanupIncoming: false,
  });
}

function notOfMail(asked: string): ServiceError {
  return new ServiceError(
    'UnknownOperationException',
    `Of the second API of SES this server has SendEmail, not ${asked.slice(0, 200)}. Who may send is set in the project file, by \`mail.identities\`.`,
    404,
  );
}

/** A BatchWriteItem of 25 small items, or a dozen small requests: some 0.3 ms. */
const BYTES_PER_TURN = 6000;

/** A request in AWS JSON. */
async function callJson(
  { apis, longestRequest, logger, guard }: PagesParams,
  intake: Intake,
  incoming: IncomingMessage,
  signal: AbortSignal,
): Promise<WireAnswer> {
  const { authorization, 'content-type': type = '', [DETAILS_HEADER]: details } = incoming.headers;
  const target = incoming.headers['x-amz-target'] as string | undefined;
  const api: JsonApi | undefined = findJsonApi(apis, target);
  const longest = api?.longestRequest ?? longestRequest;
  try {
    const body = await readBody(incoming, longest);
    if (!AWS_JSON.test(type)) throw WRONG_TYPE;
    const turn = intake.turn(body.length);
    if (turn) await turn;
    const authorise = lazily(() => guard.caller(incoming, body));
    return await callJsonApi(
      apis,
      { target, authorization, body, authorise, details: details === '1', signal },
      logger,
    );
  } catch (error) {
    if (error instanceof ClientGone) throw error;
    return jsonError(error instanceof BodyTooLarge ? tooLarge(longest) : error, api);
  }
}

/** SES's SendEmail, in its REST protocol. */
async function callMail(
  { mail, logger, longestRequest, guard }: PagesParams,
  incoming: IncomingMessage,
): Promise<WireAnswer> {
  const { authorization, 'content-type': type = '' } = incoming.headers;
  const body = await readBody(incoming, longestRequest);
  const refuse = (error: ServiceError): Promise<never> => Promise.reject(error);
  const call: JsonApi['call'] = (action, input, { signal }) => {
    if (!AWS_JSON.test(type)) return refuse(WRONG_TYPE);
    return mail
      ? mail(action, input, { signal })
      : refuse(new ServiceError('NotFoundException', 'There is no mail here.', 404));
  };
  const api = { call, withoutCredentials: 'MissingAuthenticationTokenException' };
  const { signal } = new AbortController();
  return callJsonApi(
    { ses: api },
    {
      target: 'ses.SendEmail',
      authorization,
      body,
      authorise: lazily(() => guard.caller(incoming, body)),
      details: false,
      signal,
    },
    logger,
  );
}

/** A wrong signature is told as every refusal is: in the way of the API that is asked. */
function lazily(caller: () => KnownCaller): KnownCaller['check'] {
  return (service, action, input) => caller().check(service, action, input);
}

const WHAT_THERE_IS =
  'The APIs of AWS in its JSON and Query protocols are at POST /, API routes below /_api/<name>/<stage>/, and the state of this server at ' +
  'GET /_fanfold/health, /_fanfold/outputs and /_fanfold/batches; POST /_fanfold/backup copies its data.';

/** Types that no page of another origin can send without asking first. */
const AWS_JSON = /^application\/(?:x-amz-json-1\.[01]|json)(?:$|[;\s])/i;

/** Browsers send it too: with the origin of the page, by which those of others are refused. */
const FORM = /^application\/x-www-form-urlencoded(?:$|[;\s])/i;

/** The token of a link is what allows it. */
const ANYBODY: KnownCaller = { check: () => {} };

const LINK_ACTIONS: ReadonlySet<string> = new Set(['ConfirmSubscription', 'Unsubscribe']);

const WRONG_TYPE = new ServiceError(
  'UnsupportedMediaTypeException',
  'A request to the API must have the Content-Type application/x-amz-json-1.0 or application/json.',
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

/** At once: a Response would be a stream to be read first. */
function send(outgoing: ServerResponse, { status, headers, body }: WireAnswer): Response {
  outgoing.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  outgoing.end(body);
  return RESPONSE_ALREADY_SENT;
}

function toResponse({ status, headers, body }: WireAnswer): Response {
  return new Response(body, { status, headers });
}
