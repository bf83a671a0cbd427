/**
 * The worker thread: takes invocations from the host, runs handlers, sends results back. Loaded by `worker.ts`; what
 * it is given is in `WorkerSettings`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { offerOwnPackage } from '../../own-package.ts';
import { DiskError } from '../../database/disk-error.ts';
import type { Links } from '../../ports/links.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Tables } from '../../ports/tables.ts';
import { describeFailure } from './host-calls.ts';
import { createBatch, type FromWorker, type ToWorker, type WorkerSettings } from './protocol.ts';
import { watchMishaps } from './worker-mishaps.ts';
import { createModules } from './worker-modules.ts';
import { captureOutput } from './worker-output.ts';
import { createRemote } from './worker-remote.ts';
import { createRunner } from './worker-runner.ts';
import { announceInvocations } from './worker-session.ts';

if (!parentPort) throw new Error('This is the body of a worker thread; it is not run by itself.');
offerOwnPackage();
const port = parentPort;
const settings = workerData as WorkerSettings;

const batch = createBatch<FromWorker>(
  (messages) => port.postMessage(messages),
  (message, error) => {
    if (message.kind === 'call') remote.refuse(message.id, describeFailure(error));
  },
);
const remote = createRemote((message) => batch.push(message));
const services = {
  tables: remote.proxy('tables') as unknown as Tables,
  links: remote.proxy('links') as unknown as Links,
  objects: await loadObjects(),
  sendMail: remote.method('mail', 'send'),
};
const runner = createRunner({
  modules: createModules(settings.functions, (name) => {
    batch.push({ kind: 'loaded', name });
    // At once: the handler comes next and may block.
    batch.flush();
  }),
  functions: settings.functions,
  progress: new Int32Array(settings.progress),
  services,
  batch,
});
captureOutput(batch);
if (settings.session) announceInvocations(settings.session);
watchMishaps(batch, runner);

const receivers: { readonly [Kind in ToWorker['kind']]: (message: Extract<ToWorker, { kind: Kind }>) => void } = {
  invoke: (message) => runner.invoke(message),
  abort: ({ id, reason }) => runner.abort(id, reason),
  ping: ({ id }) => batch.push({ kind: 'pong', id }),
  answer: ({ id, value }) => remote.answer(id, value),
  refusal: ({ id, error }) => remote.refuse(id, error),
};

function receive<Message extends ToWorker>(message: Message): void {
  (receivers[message.kind] as (message: Message) => void)(message);
}

port.on('message', (messages: readonly ToWorker[]) => {
  for (const message of messages) receive(message);
});

async function loadObjects(): Promise<Objects> {
  const module = (await import(settings.objectsModule)) as { createObjects(index: unknown): Objects };
  const objects = module.createObjects(remote.proxy('objectIndex'));
  return { ...objects, put: (params) => unlessDiskFails(objects.put(params)) };
}

/** For what the disk refuses nobody here can do anything: the host ends, and this promise never settles. */
async function unlessDiskFails<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    const { path, cause } = error;
    batch.push({ kind: 'diskFailed', path, message: cause instanceof Error ? cause.message : String(cause) });
    return new Promise<never>(() => {});
  }
}
