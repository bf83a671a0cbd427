/**
 * One HTTP port for everything: the APIs of Step Functions and DynamoDB, links to objects, the project's API routes, and Fanfold's own
 * pages under `/_fanfold/`. Made for this machine alone: nobody is asked for credentials, so nobody else may reach it.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from '../node-http.ts';
import type { Json } from '../json.ts';
import type { AddressInfo } from 'node:net';
import type { Limits } from '../interpreter/limits.ts';
import type { BatchRuns } from '../ports/batch-runs.ts';
import type { ApiCall } from '../ports/api-call.ts';
import type { Activities } from '../ports/activities.ts';
import type { Executions, StateTests, SyncExecutions } from '../ports/executions.ts';
import type { Functions } from '../ports/functions.ts';
import type { Logger } from '../ports/logger.ts';
import type { MapRuns } from '../ports/map-runs.ts';
import type { StateMachineAdmin } from '../ports/state-machines.ts';
import type { TableApi } from '../ports/tables.ts';
import type { TaskTokens } from '../ports/task-tokens.ts';
import { type ApiDefinition, createApis } from './apis/apis.ts';
import { answerBroken } from './broken-requests.ts';
import { createGuard, type GuardParams, OPEN_GUARD } from './guard.ts';
import { checkListenHost, hostName, isForeignOrigin, isOwnHost } from './host.ts';
import { REQUEST_BYTES } from './limits.ts';
import type { JsonApis } from './json-apis.ts';
import { createLambdaApi, isLambdaCall, type LambdaApiParams } from './lambda/lambda-api.ts';
import { otherServiceOf, refuseOther } from './other-services.ts';
import type { PagesParams } from './pages.ts';
import { isForS3 } from './s3/authority.ts';
import { createS3Api, type S3ApiParams } from './s3/s3-api.ts';
import { createDynamodbApi, DYNAMODB } from './dynamodb/dynamodb-api.ts';
import type { QueryApis } from './query/query-apis.ts';
import { createStatesApi } from './states-api.ts';

export interface ServerOptions {
  /** Only names of this machine. @defaultValue 127.0.0.1 */
  readonly host?: string;
  /** 0 is any free port. */
  readonly port: number;
  readonly executions: Executions & SyncExecutions & StateTests;
  readonly stateMachines: StateMachineAdmin;
  readonly mapRuns: MapRuns;
  readonly tokens: TaskTokens;
  readonly activities: Activities;
  /** What the API of S3 works on. */
  readonly s3: Omit<S3ApiParams, 'region' | 'account' | 'logger' | 'now' | 'guard'>;
  readonly tables: TableApi;
  readonly apis: Readonly<Record<string, ApiDefinition>>;
  readonly functions: Pick<Functions, 'invoke' | 'has'>;
  readonly invokeLater: LambdaApiParams['invokeLater'];
  /** APIs beside those of Step Functions and DynamoDB. @defaultValue none */
  readonly jsonApis?: JsonApis;
  /** APIs in the Query protocol. @defaultValue none */
  readonly queryApis?: QueryApis;
  /** The second API of SES. @defaultValue there is none */
  readonly mail?: ApiCall;
  /** Who may do what. @defaultValue everybody is the owner */
  readonly guard?: GuardParams;
  /** What `/_fanfold/outputs` shows; JSON. */
  readonly outputs: () => unknown;
  /** What `/_fanfold/batches` shows. @defaultValue there are none */
  readonly batchRuns?: BatchRuns;
  /** Copies the data directory to a new folder. @throws ServiceError ValidationException */
  readonly backup: (target: string) => Promise<object>;
  /** Takes in events of S3 from outside. @throws ServiceError ValidationException */
  readonly objectEvents?: (message: Json) => Promise<readonly object[]>;
  readonly logger: Logger;
  readonly account: string;
  readonly region: string;
  /** Whose limits requests are read by. @defaultValue local */
  readonly limits?: Limits;
  /** Milliseconds since the epoch. @defaultValue Date.now */
  readonly now?: () => number;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets those under way end within a second, then ends every connection. */
  close(): Promise<void>;
}

/** Longer than clients and proxies keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 75_000;
/** Of a whole request: as long as a large object may take. */
const REQUEST_MS = 3_600_000;
const CLOSING_GRACE_MS = 1000;

/** @throws Error when the host is not of this machine, the port is taken, or a route of an API cannot be */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port } = options;
  checkListenHost(host);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS }, createListener(options));
  answerBroken(server);
  await listen(server, host, port);
  server.on('error', (error) => options.logger.error('The server has a problem with a connection', { error }));
  const { port: actual } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${actual}`, port: actual, close: () => close(server) };
}

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

function createListener(options: ServerOptions): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const { executions, stateMachines, mapRuns, tokens, activities, functions, outputs, backup } = options;
  const { logger, account, region } = options;
  const { limits = 'local' } = options;
  const now = options.now ?? Date.now;
  const guard = options.guard ? createGuard(options.guard, { account, region }, now) : OPEN_GUARD;
  const s3 = createS3Api({ ...options.s3, region, account, logger, now, guard });
  const apis = createApis({ apis: options.apis, functions, authorise: guard.route, logger, account, now });
  const states = createStatesApi(
    { executions, stateMachines, mapRuns, tokens, activities, logger, now, account, region },
    limits,
  );
  const lambda = createLambdaApi({ functions, invokeLater: options.invokeLater, limits, logger, guard });
  const health = { ok: true, version: packageVersion(), pid: process.pid };
  const pages = createPagesOnDemand({
    apis: { ...options.jsonApis, AWSStepFunctions: states, [DYNAMODB]: createDynamodbApi(options.tables) },
    queryApis: options.queryApis ?? {},
    mail: options.mail,
    longestRequest: REQUEST_BYTES[limits],
    health,
    outputs,
    ...(options.batchRuns && { batchRuns: options.batchRuns }),
    backup,
    ...(options.objectEvents && { objectEvents: options.objectEvents }),
    logger,
    guard,
  });

  const answer: Answer = async (incoming, outgoing) => {
    const { url: target = '', method } = incoming;
    const refusal = refusalOf(incoming);
    if (refusal) return refuse(outgoing, refusal);
    if (isForS3(incoming)) return s3(incoming, outgoing);
    const api = apiTarget(incoming);
    if (api) return apis(api.name, api.target, incoming, outgoing);
    if (isLambdaCall(incoming)) return lambda(incoming, outgoing);
    const other = otherServiceOf(incoming);
    if (other) return refuseOther(incoming, outgoing, other);
    if (
      target.startsWith('/_fanfold/') ||
      target.startsWith('/v2/email/') ||
      /^\/(\?|$)/.test(target) ||
      isQueueCall(incoming)
    )
      return pages(incoming, outgoing);
    if (method === 'OPTIONS')
      return refuse(outgoing, { status: 403, message: 'Pages of other origins get no answer.' });
    return s3(incoming, outgoing);
  };

  // Whatever one request comes to, the others are answered.
  return (incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      logger.error('A request could not be answered', { method: incoming.method, target: incoming.url, error });
      outgoing.destroy();
    });
  };
}

/** What answers them is loaded with the first request: a run on the command line has none. */
function createPagesOnDemand(params: PagesParams): Answer {
  let loading: Promise<Answer> | undefined;
  const load = async (): Promise<Answer> => (await import('./pages.ts')).createPages(params);
  return async (incoming, outgoing) => (await (loading ??= load()))(incoming, outgoing);
}

/** Some clients call SQS at the URL of the queue. */
function isQueueCall({ method, url = '', headers }: IncomingMessage): boolean {
  const target = headers['x-amz-target'];
  const isSqs =
    typeof target === 'string' ? target.startsWith('AmazonSQS.') : /urlencoded/i.test(headers['content-type'] ?? '');
  return method === 'POST' && isSqs && /^\/\d{12}\/[^/?]+$/.test(url);
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** Requests that came here by a name, or from a page, that is not of this machine. */
function refusalOf({ url = '', headers: { host = '', origin } }: IncomingMessage): Refusal | undefined {
  if (!url.startsWith('/')) return { status: 400, message: `The request target is no path: ${url.slice(0, 200)}` };
  if (!isOwnHost(hostName(host)))
    return {
      status: 403,
      message: `This server does not answer to the host '${host}'. Use 127.0.0.1, localhost or a name below .localhost.`,
    };
  if (origin !== undefined && isForeignOrigin(origin))
    return { status: 403, message: `Pages of ${origin} may not call this server.` };
  return undefined;
}

function refuse(outgoing: ServerResponse, { status, message }: Refusal): void {
  const body = JSON.stringify({ message });
  outgoing.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  outgoing.end(body);
}

const OWN_API = /^\/_api\/([^/?]+)(.*)$/s;

/** `<name>.execute-api.<anything>` and `/_api/<name>/…` both lead to the API of that name. */
function apiTarget({
  url = '',
  headers: { host = '' },
}: IncomingMessage): { name: string; target: string } | undefined {
  const dot = host.indexOf('.');
  if (dot > 0 && host.startsWith('execute-api.', dot + 1)) return { name: host.slice(0, dot), target: url };
  if (!url.startsWith('/_api/')) return undefined;
  const [, name = '', target = ''] = OWN_API.exec(url) ?? [];
  return { name, target };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return Promise.reject(new Error(`There is no port ${port}. Pass 0 to 65535 with --port; 0 is any free one.`));
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenError(error, host, port));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program. Choose another one with --port; 0 is any free one.`,
    EACCES: `Port ${port} on ${host} is not for this user. Choose one above 1023 with --port; 0 is any free one.`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Use 127.0.0.1.`,
  };
  const message = reasons[error.code ?? ''] ?? `The server cannot listen on port ${port} of ${host}: ${error.message}`;
  return new Error(message, { cause: error });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A connection whose request ends only now would be kept alive for the next one.
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const late = setTimeout(() => server.closeAllConnections(), CLOSING_GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
