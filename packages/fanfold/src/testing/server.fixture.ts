/** A server over real HTTP, with the embedded driver on a store in memory, objects in a map and functions in line. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Json, JsonObject } from '../json.ts';
import type { InvokeParams, InvokeResult } from '../ports/functions.ts';
import type { GetObjectResult, ListVersionsResult, ObjectInfo, ObjectRef } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';
import { fail, ok } from '../result.ts';
import { createMachines } from '../runtimes/machines/machines.ts';
import { createMemoryStore } from '../runtimes/memory/store.ts';
import { createActivities } from '../runtimes/activities/activities.ts';
import { createRuntime } from '../runtimes/runtime.ts';
import type { SignedLink } from '../server/s3/authority.ts';
import { type RunningServer, type ServerOptions, startServer } from '../server/server.ts';
import { machineClock } from './clocks.ts';
import { type LogLine, recordingLogger } from './logger.fixture.ts';

export const PLACE = { region: 'us-east-1', account: '000000000000' } as const;
export const ARN_PREFIX = 'arn:aws:states:us-east-1:000000000000';
export const ROLE = 'arn:aws:iam::000000000000:role/r';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
}

export interface TestServer extends RunningServer {
  readonly log: readonly LogLine[];
  /** Calls an action of the Step Functions API. */
  call(action: string, params?: JsonObject | string): Promise<Answer>;
  /** Sends these bytes on a connection of its own and gives back all that comes until the server ends it. */
  raw(request: string): Promise<string>;
}

export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const logger = recordingLogger();
  const store = createMemoryStore();
  const machines = createMachines({ store, clock: machineClock, ...PLACE });
  const { executions, mapRuns, tokens, takeActivityTask } = createRuntime({
    store,
    machines,
    services: () => ({ perform: () => new Promise(() => {}) }),
    clock: machineClock,
    logger,
    seed: () => 1,
    ...(options.limits && { limits: options.limits }),
    ...PLACE,
    tokenSecret: 'secret',
    onClosed: async () => {},
    onFatal: (error) => logger.error('fatal', { error }),
  });
  const server = await startServer({
    invokeLater: () => {},
    port: 0,
    executions,
    stateMachines: machines,
    mapRuns,
    tokens,
    activities: { ...createActivities({ store, clock: machineClock, ...PLACE }), take: takeActivityTask },
    s3: s3Of(objectsOf({})),
    tables: {
      call: () => Promise.reject(new ServiceError('ResourceNotFoundException', 'Requested resource not found')),
    },
    apis: {},
    functions: functionsOf({}),
    outputs: () => ({ buckets: ['inbound'] }),
    backup: async (target) => ({ path: target, files: 0, bytes: 0 }),
    logger,
    ...PLACE,
    ...options,
  });
  return {
    ...server,
    log: logger.lines,
    call: (action, params = {}) => call(server.url, action, params),
    raw: (request) => raw(server.port, request),
  };
}

async function call(url: string, action: string, params: JsonObject | string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': `AWSStepFunctions.${action}` },
    body: typeof params === 'string' ? params : JSON.stringify(params),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as JsonObject };
}

async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
  });
  socket.write(request, 'latin1');
  await once(socket, 'close');
  return answer;
}

/** A link is good when its signature says so; what it opens is the decoded path. */
export function openLink({ method, pathAndQuery }: SignedLink): ReturnType<ServerOptions['s3']['verifyLink']> {
  const [path = '', query = ''] = pathAndQuery.split('?');
  if (method !== 'GET' || !query.includes('X-Amz-Signature=good'))
    return fail(new ServiceError('SignatureDoesNotMatch', 'The signature does not match', 403));
  const [, bucket = '', key = ''] = /^\/([^/]*)\/(.*)$/s.exec(decodeURIComponent(path)) ?? [];
  return ok({ bucket, key });
}

export interface FakeObject {
  readonly body: string | AsyncIterable<Uint8Array>;
  readonly size?: number;
  readonly contentType?: string;
}

type FakeObjects = Pick<ServerOptions['s3']['objects'], 'get' | 'head'>;

const NOTHING_ELSE = new Proxy(
  {},
  { get: (_, name) => () => Promise.reject(new Error(`There is no ${String(name)}`)) },
);

/** What the server needs of S3, where only these two are called. */
export function s3Of(objects: FakeObjects, verifyLink = openLink): ServerOptions['s3'] {
  const nothing = NOTHING_ELSE as never;
  const listVersions = async (): Promise<ListVersionsResult> => ({ versions: [], prefixes: [] });
  const all = { ...objects, listVersions, put: nothing, list: nothing, copy: nothing, delete: nothing, tag: nothing };
  return {
    objects: all,
    buckets: nothing,
    uploads: nothing,
    notifiable: async () => false,
    configured: () => ({ expiry: [] }),
    isRole: () => false,
    verifyLink,
  };
}

/** Objects of the bucket `b`, by key. */
export function objectsOf(objects: Readonly<Record<string, FakeObject>>): FakeObjects {
  const head = async ({ bucket, key }: ObjectRef): Promise<ObjectInfo | undefined> => {
    const object = bucket === 'b' && Object.hasOwn(objects, key) ? objects[key] : undefined;
    if (!object) return undefined;
    const size = object.size ?? Buffer.byteLength(object.body as string);
    const contentType = object.contentType ?? 'text/csv';
    const eTag = 'abc';
    return {
      bucket,
      key,
      size,
      eTag,
      contentType,
      lastModified: new Date(0),
      sequencer: '1',
      metadata: {},
      details: {},
    };
  };
  return {
    head,
    get: async ({ range, ...ref }): Promise<GetObjectResult> => {
      const info = await head(ref);
      if (!info) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
      const { body } = objects[ref.key] as FakeObject;
      if (typeof body !== 'string') return { info, body };
      const end = range?.end === undefined ? undefined : range.end + 1;
      return { info, body: bytes(Buffer.from(body).subarray(range?.start ?? 0, end)) };
    },
  };
}

async function* bytes(buffer: Buffer): AsyncGenerator<Uint8Array> {
  yield buffer;
}

/** What a function in line gives back: its result, or how it ended. */
export type FakeFunction = (event: JsonObject, params: InvokeParams) => Json | InvokeResult | Promise<Json>;

export function functionsOf(functions: Readonly<Record<string, FakeFunction>>): ServerOptions['functions'] {
  return {
    has: (name) => Object.hasOwn(functions, name),
    invoke: async (params) => {
      const run = functions[params.functionName];
      if (!run) throw new ServiceError('ResourceNotFoundException', 'Function not found', 404);
      const result = await run(JSON.parse(params.payload) as JsonObject, params);
      if (typeof result === 'object' && result !== null && 'kind' in result) return result as InvokeResult;
      return { kind: 'returned', payload: JSON.stringify(result) };
    },
  };
}
