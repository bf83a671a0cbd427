/** The ports of a function's context, in memory, as small as the functions need them. */
import { createHash } from 'node:crypto';
import type { FunctionContext, Item, MailMessage, ObjectBody, ObjectInfo, ObjectRef, Objects, Tables } from 'fanfold';

export interface Fakes {
  readonly context: FunctionContext;
  /** Objects by `<bucket>/<key>`. */
  readonly files: Map<string, Buffer>;
  readonly items: Map<string, Item>;
  readonly mails: MailMessage[];
  /** Called before each put; throw to make it fail. */
  beforePut: (ref: ObjectRef) => void;
  text(path: string): string;
}

export function createFakes(idempotencyKey = 'execution-1/Split'): Fakes {
  const files = new Map<string, Buffer>();
  const items = new Map<string, Item>();
  const mails: MailMessage[] = [];
  const fakes: Fakes = {
    files,
    items,
    mails,
    beforePut: () => {},
    text: (path) => files.get(path)?.toString('utf8') ?? missing(path),
    context: {
      functionName: 'test',
      functionVersion: '$LATEST',
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/test',
      logStreamName: '$LATEST',
      callbackWaitsForEmptyEventLoop: true,
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test',
      awsRequestId: 'request-1',
      getRemainingTimeInMillis: () => 900_000,
      signal: new AbortController().signal,
      idempotencyKey,
      objects: fakeObjects(files, (ref) => fakes.beforePut(ref)),
      tables: fakeTables(items),
      links: {
        sign: async ({ bucket, key }, seconds) =>
          `https://objects.test/${bucket}/${encodeURI(key)}?expires=${seconds}&s=1`,
      },
      mail: {
        send: async (message) => {
          mails.push(message);
          return { messageId: `<${mails.length}@test>` };
        },
      },
    },
  };
  return fakes;
}

function fakeObjects(files: Map<string, Buffer>, beforePut: (ref: ObjectRef) => void): Objects {
  const infoOf = ({ bucket, key }: ObjectRef, bytes: Buffer): ObjectInfo => ({
    bucket,
    key,
    size: bytes.length,
    eTag: createHash('md5').update(bytes).digest('hex'),
    lastModified: new Date(0),
    sequencer: '0',
    contentType: 'text/csv',
    metadata: {},
    details: {},
  });
  const find = ({ bucket, key }: ObjectRef): Buffer | undefined => files.get(`${bucket}/${key}`);
  return {
    async put(params) {
      beforePut(params);
      const bytes = await collect(params.body);
      files.set(`${params.bucket}/${params.key}`, bytes);
      return infoOf(params, bytes);
    },
    async get(ref) {
      const bytes = find(ref) ?? missing(ref.key);
      return { info: infoOf(ref, bytes), body: inPieces(bytes) };
    },
    async head(ref) {
      const bytes = find(ref);
      return bytes && infoOf(ref, bytes);
    },
    list: unused,
    listVersions: unused,
    copy: unused,
    move: unused,
    delete: unused,
    tag: unused,
  };
}

function fakeTables(items: Map<string, Item>): Tables {
  return {
    get: async ({ table, key }) => items.get(`${table}/${JSON.stringify(key)}`),
    create: unused,
    describe: unused,
    put: unused,
    putMany: unused,
    putLines: unused,
    getMany: unused,
    delete: unused,
    query: unused,
    scan: unused,
    count: unused,
  };
}

async function collect(body: ObjectBody): Promise<Buffer> {
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

function missing(path: string): never {
  throw new Error(`There is no object ${path}.`);
}

function unused(): never {
  throw new Error('The functions are not known to call this.');
}
