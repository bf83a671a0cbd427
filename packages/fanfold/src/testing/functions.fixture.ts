/** Handlers that tests run in worker threads. Each shows one way in which a function behaves or misbehaves. */
import { on, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import type { Json } from '../json.ts';
import type { FunctionContext, FunctionHandler } from '../ports/functions.ts';
import type { ToWorker } from '../services/lambda/protocol.ts';

interface Numbered {
  readonly n: number;
}

export const handler: FunctionHandler<Numbered> = ({ n }) => ({ n: n + 1 });

export async function echo(event: Json): Promise<Json> {
  return event;
}

export function describeContext(_event: Json, context: FunctionContext): Json {
  const { functionName, invokedFunctionArn, awsRequestId, idempotencyKey } = { ...context };
  const remaining = context.getRemainingTimeInMillis();
  return { functionName, invokedFunctionArn, awsRequestId, idempotencyKey, remaining, aborted: context.signal.aborted };
}

export function environment(): Json {
  return { ...process.env } as Json;
}

/** Which worker it ran in, told apart by a number made when the module was loaded. */
const instance: number = Math.random();
export async function whoAmI({ ms = 0 }: { readonly ms?: number }): Promise<Json> {
  await sleep(ms);
  return instance;
}

export async function waits({ ms }: { readonly ms: number }): Promise<Json> {
  await sleep(ms);
  return 'waited';
}

/** Ends by itself when it is told to, and leaves a trace of it in a file. */
export async function heedsSignal({ file }: { readonly file: string }, { signal }: FunctionContext): Promise<void> {
  const aborted = once(signal, 'abort');
  console.log('begun');
  await aborted;
  writeFileSync(file, String(signal.reason));
}

export function never(): Promise<never> {
  return new Promise(() => {});
}

/** Blocks its thread's loop. */
export function hogs({ ms = Number.POSITIVE_INFINITY }: { readonly ms?: number }): Json {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(end);
  return 'hogged';
}

export async function exits({ code, delay = 0 }: { readonly code: number; readonly delay?: number }): Promise<void> {
  await sleep(delay);
  process.exit(code);
}

/** Ends its worker so that nobody can tell who did it. */
export async function runsOutOfMemory(): Promise<number> {
  await sleep(20);
  const heap: number[][] = [];
  for (;;) heap.push(Array.from({ length: 100_000 }, (_, i) => i + heap.length));
}

export async function throwsFromTimer({ settle }: { readonly settle: boolean }): Promise<Json> {
  setTimeout(() => {
    throw new RangeError('from a timer');
  }, 5);
  await sleep(settle ? 0 : 60_000);
  return 'done';
}

export async function rejectsAstray({ settle }: { readonly settle: boolean }): Promise<Json> {
  setTimeout(() => void Promise.reject(new RangeError('astray')), 5);
  await sleep(settle ? 0 : 60_000);
  return 'done';
}

class CustomError extends Error {
  override readonly name = 'CustomError';
}

const THROWN: Readonly<Record<string, () => unknown>> = {
  error: () => new Error('plain'),
  custom: () => new CustomError('of a class'),
  nameless: () => Object.defineProperty(new CustomError('nameless'), 'name', { value: '' }),
  text: () => 'just text',
  number: () => 42,
  undefined: () => undefined,
  hostile: () => ({
    toString() {
      throw new Error('no');
    },
  }),
};

export function throws({ what }: { readonly what: string }): never {
  throw THROWN[what]?.();
}

const ODD_RESULTS: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  bigint: () => ({ total: 10n }),
  circular: () => {
    const self: Record<string, unknown> = {};
    self.self = self;
    return self;
  },
  date: () => new Date(0),
};

export function returnsOdd({ what }: { readonly what: string }): unknown {
  return ODD_RESULTS[what]?.();
}

export async function writes({ tag }: { readonly tag: string }): Promise<void> {
  console.log(`${tag} one\n${tag} two`);
  await sleep(1);
  console.error(`${tag} wrong`);
  process.stdout.write(`${tag} no `);
  process.stdout.write('line end');
}

export function writesAndHogs(event: { readonly ms?: number }): Json {
  console.log('before the loop');
  return hogs(event);
}

export async function usesServices(_event: Json, { tables, links, mail }: FunctionContext): Promise<Json> {
  await tables.put({ table: 'orders', item: { id: { S: '1' } } });
  const item = await tables.get({ table: 'orders', key: { id: { S: '1' } } });
  const link = await links.sign({ bucket: 'b', key: 'k' }, 60);
  const message = { from: 'a@example.com', to: ['b@example.com'], subject: 'done', text: 'ok' };
  const first = await mail.send(message);
  const second = await mail.send(message);
  return { item: item ?? null, link, mails: [first.messageId, second.messageId] } as Json;
}

export async function meetsRefusal(event: Json, { tables }: FunctionContext): Promise<Json> {
  try {
    await tables.count('missing');
    return 'no refusal';
  } catch (error) {
    if (event === 'thrown on') throw error;
    const { name, code, status, message } = error as { name: string; code: string; status: number; message: string };
    return { name, code, status, message };
  }
}

export function counts(_event: Json, { tables }: FunctionContext): Promise<Json> {
  return tables.count('orders');
}

export async function sendsWhatCannotCross(_event: Json, { tables }: FunctionContext): Promise<Json> {
  const results = await Promise.allSettled([
    tables.put({ table: 'orders', item: { id: (() => 1) as never } }),
    tables.put({ table: 'orders', item: { id: { S: '2' } } }),
  ]);
  return results.map((result) => result.status);
}

export async function usesObjects({ key }: { readonly key: string }, { objects }: FunctionContext): Promise<Json> {
  const body = (async function* () {
    for (let i = 0; i < 4; i++) yield Buffer.from(`part ${i};`);
  })();
  const { size, lastModified } = await objects.put({ bucket: 'alpha-bucket', key, body });
  const read = await text((await objects.get({ bucket: 'alpha-bucket', key })).body);
  const missing = await objects.get({ bucket: 'alpha-bucket', key: 'missing' }).catch((error) => error.code as string);
  return { size, read, missing: missing as string, dated: lastModified instanceof Date };
}

/** Begins to write an object and then blocks: its worker has to be ended. */
export async function hogsInThePut(_event: Json, { objects }: FunctionContext): Promise<void> {
  const body = (async function* () {
    yield Buffer.from('half of it');
    writesAndHogs({});
    yield Buffer.from('never reached');
  })();
  await objects.put({ bucket: 'alpha-bucket', key: 'half', body });
}

/** Lets its loop answer that it turns, and blocks it only then. */
export async function hogsOnceGivenUp(): Promise<Json> {
  if (!parentPort) throw new Error('A worker thread runs this.');
  for await (const [messages] of on(parentPort, 'message') as AsyncIterable<[readonly ToWorker[]]>)
    if (messages.some(({ kind }) => kind === 'ping')) break;
  // The answer leaves with the turn of the loop that has read the question.
  await nextTurn();
  return writesAndHogs({});
}

/** Goes on after its time is over and tries to act. Tells in a file what came of it. */
export async function actsTooLate({ file }: { readonly file: string }, context: FunctionContext): Promise<void> {
  const { mail, signal } = context;
  await once(signal, 'abort');
  const message = { from: 'a@example.com', to: ['b@example.com'], subject: 'late', text: 'late' };
  const outcome = await mail.send(message).then(
    () => 'sent',
    (error) => error.code as string,
  );
  writeFileSync(file, outcome);
}
