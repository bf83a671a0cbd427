/**
 * The worker thread: takes invocations from the host, runs handlers, sends results back. Loaded by `worker.ts`; what
 * it is given is in `WorkerSettings`, its first message.
 */
import { parentPort } from 'node:worker_threads';
import { offerOwnPackage } from '../../own-package.ts';
import { DiskError } from '../../database/disk-error.ts';
import type { Links } from '../../ports/links.ts';
import type { Objects } from '../../ports/objects.ts';
import { parsedTables, type TextTables } from '../text-tables.ts';
import { describeFailure } from './host-calls.ts';
import { type Batch, createBatch, type FromWorker, type ToWorker, type WorkerSettings } from './protocol.ts';
import { watchMishaps } from './worker-mishaps.ts';
import { createModules } from './worker-modules.ts';
import { captureOutput } from './worker-output.ts';
import { createRemote, type Remote } from './worker-remote.ts';
import { createRunner } from './worker-runner.ts';
import { announceInvocations } from './worker-session.ts';

if (!parentPort) throw new Error('This is the body of a worker thread; it is not run by itself.');
offerOwnPackage();
const port = parentPort;

/** What comes while this gets ready waits for it. */
const held: ToWorker[] = [];
let receive = (message: ToWorker): void => void held.push(message);

port.once('message', (settings: WorkerSettings) => {
  port.on('message', (messages: readonly ToWorker[]) => {
    for (const message of messages) receive(message);
  });
  void begin(settings);
});

async function begin({ env, functions, objectsModule, progress, session }: WorkerSettings): Promise<void> {
  Object.assign(process.env, env);
  const batch = createBatch<FromWorker>(
    (messages) => port.postMessage(messages),
    (message, error) => {
      if (message.kind === 'call') remote.refuse(message.id, describeFailure(error));
    },
  );
  const remote = createRemote((message) => batch.push(message));
  const modules = createModules(functions, (name) => {
    batch.push({ kind: 'loaded', name });
    // At once: the handler comes next and may block.
    batch.flush();
  });
  const services = {
    tables: parsedTables(remote.proxy('tables') as unknown as TextTables),
    links: remote.proxy('links') as unknown as Links,
    objects: await loadObjects(objectsModule, remote, batch),
    sendMail: remote.method('mail', 'send'),
  };
  const runner = createRunner({ modules, functions, progress: new Int32Array(progress), services, batch });
  captureOutput(batch);
  if (session) announceInvocations(session);
  watchMishaps(batch, runner);

  const receivers: { readonly [Kind in ToWorker['kind']]: (message: Extract<ToWorker, { kind: Kind }>) => void } = {
    invoke: (message) => runner.invoke(message),
    abort: ({ id, reason }) => runner.abort(id, reason),
    ping: ({ id }) => batch.push({ kind: 'pong', id }),
    answer: ({ id, value }) => remote.answer(id, value),
    refusal: ({ id, error }) => remote.refuse(id, error),
  };
  receive = <Message extends ToWorker>(message: Message): void =>
    (receivers[message.kind] as (message: Message) => void)(message);
  for (const message of held.splice(0)) receive(message);
}

async function loadObjects(module: string, remote: Remote, batch: Batch<FromWorker>): Promise<Objects> {
  const { createObjects } = (await import(module)) as { createObjects(index: unknown): Objects };
  const objects = createObjects(remote.proxy('objectIndex'));
  return { ...objects, put: (params) => unlessDiskFails(objects.put(params), batch) };
}

/** For what the disk refuses nobody here can do anything: the host ends, and this promise never settles. */
async function unlessDiskFails<T>(work: Promise<T>, batch: Batch<FromWorker>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    const { path, cause } = error;
    batch.push({ kind: 'diskFailed', path, message: cause instanceof Error ? cause.message : String(cause) });
    return new Promise<never>(() => {});
  }
}
