/** The remote index, over a real message channel: buckets behave the same through it, and nothing else can be called. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { objectsSuite } from '../../testing/objects.suite.ts';
import { openLocalObjects } from '../s3/local.ts';
import type { ObjectIndex } from '../s3/object-index.ts';
import { createObjects } from '../s3/objects.ts';
import { createHostCalls, describeFailure, type HostCalls } from './host-calls.ts';
import { createBatch, type FromWorker, type ToWorker } from './protocol.ts';
import type { RemoteServices } from './remote-methods.ts';
import { createRemote, type Remote } from './worker-remote.ts';

function connect(calls: HostCalls): { readonly remote: Remote; close(): void } {
  const { port1: host, port2: worker } = new MessageChannel();
  const fromWorker = createBatch<FromWorker>(
    (messages) => worker.postMessage(messages),
    (message, error) => message.kind === 'call' && remote.refuse(message.id, describeFailure(error)),
  );
  const remote = createRemote((message) => fromWorker.push(message));
  host.on('message', (messages: readonly FromWorker[]) => {
    for (const message of messages) {
      if (message.kind !== 'call') continue;
      const answer = (reply: ToWorker) => host.postMessage(reply);
      calls.perform(message).then(
        (value) => answer({ kind: 'answer', id: message.id, value }),
        (error) => answer({ kind: 'refusal', id: message.id, error: describeFailure(error) }),
      );
    }
  });
  worker.on('message', (message: ToWorker) => {
    if (message.kind === 'answer') remote.answer(message.id, message.value);
    if (message.kind === 'refusal') remote.refuse(message.id, message.error);
  });
  return { remote, close: () => host.close() };
}

objectsSuite('a worker', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-remote-'));
  const local = openLocalObjects({ directory, buckets: ['alpha-bucket', 'beta-bucket'] });
  const { remote, close } = connect(createHostCalls({ objectIndex: local.index } as unknown as RemoteServices));
  return {
    objects: createObjects(remote.proxy('objectIndex') as unknown as ObjectIndex),
    close: async () => {
      close();
      await local.close();
      rmSync(directory, { recursive: true });
    },
  };
});

describe('calls from a worker', () => {
  const index = (overrides: Partial<Record<string, unknown>> = {}) => ({
    begin: async () => ({ id: 'w1' }),
    publish: async () => {},
    abandon: vi.fn(async () => {}),
    ...overrides,
  });
  const callsOn = (objectIndex: object) => createHostCalls({ objectIndex } as unknown as RemoteServices);
  const call = (method: string, ...args: unknown[]) => ({ target: 'objectIndex', method, args }) as const;

  it('reach the methods of the table and nothing else', async () => {
    const calls = createHostCalls({ tables: { close: () => 1 }, mail: {} } as unknown as RemoteServices);
    for (const [target, method] of [
      ['tables', 'close'],
      ['tables', 'constructor'],
      ['mail', 'toString'],
      ['constructor', 'name'],
      ['host', 'log'],
    ] as const) {
      await expect(calls.perform({ target: target as 'tables', method, args: [] })).rejects.toThrow(
        `A function may not call ${target}.${method}.`,
      );
    }
  });

  it('leave no write behind when the worker ends', async () => {
    const objectIndex = index();
    const calls = callsOn(objectIndex);
    await calls.perform(call('begin', { bucket: 'b', key: 'k' }));
    calls.workerEnded();
    expect(objectIndex.abandon).toHaveBeenCalledExactlyOnceWith('w1');
  });

  it('leave no write behind that was begun as the worker ended', async () => {
    const { promise, resolve } = Promise.withResolvers<{ id: string }>();
    const objectIndex = index({ begin: () => promise });
    const calls = callsOn(objectIndex);
    const begun = calls.perform(call('begin', { bucket: 'b', key: 'k' }));
    calls.workerEnded();
    resolve({ id: 'w2' });
    await begun;
    expect(objectIndex.abandon).toHaveBeenCalledExactlyOnceWith('w2');
  });

  it('let a write be published that was on its way when the worker ended', async () => {
    const objectIndex = index();
    const calls = callsOn(objectIndex);
    await calls.perform(call('begin', { bucket: 'b', key: 'k' }));
    const published = calls.perform(call('publish', { id: 'w1' }));
    calls.workerEnded();
    await published;
    expect(objectIndex.abandon).not.toHaveBeenCalled();
  });

  it('undo a write whose publishing is refused after the worker ended', async () => {
    const objectIndex = index({ publish: () => Promise.reject(new Error('no')) });
    const calls = callsOn(objectIndex);
    await calls.perform(call('begin', { bucket: 'b', key: 'k' }));
    const published = calls.perform(call('publish', { id: 'w1' }));
    calls.workerEnded();
    await expect(published).rejects.toThrow('no');
    expect(objectIndex.abandon).toHaveBeenCalledExactlyOnceWith('w1');
  });
});
