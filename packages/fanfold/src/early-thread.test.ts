import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { earlyThread } from './early-thread.ts';

const ECHO = `const { parentPort } = require('node:worker_threads'); parentPort.once('message', (said) => parentPort.postMessage(said));`;

function run(code: string): Worker {
  return new Worker(code, { eval: true });
}

describe('a thread that was started early', () => {
  it('is given away once, and hears what it is told then', async () => {
    const thread = earlyThread(run(ECHO));
    const worker = thread.take() as Worker;
    worker.postMessage('begin');
    expect(await once(worker, 'message')).toEqual(['begin']);
    expect(thread.take()).toBeUndefined();
    await thread.close();
    await worker.terminate();
  });

  it('ends with whoever has started it when nobody took it', async () => {
    const worker = run(ECHO);
    const ended = once(worker, 'exit');
    const thread = earlyThread(worker);
    await thread.close();
    await ended;
    expect(thread.take()).toBeUndefined();
  });

  it('is not given away when it has failed', async () => {
    const worker = run(`throw new Error('no');`);
    const thread = earlyThread(worker);
    await new Promise((resolve) => worker.once('exit', resolve));
    expect(thread.take()).toBeUndefined();
  });
});
