/** What functions write goes to the host line by line, with the name of the function and the id of its invocation. */
import type { Batch, FromWorker } from './protocol.ts';
import { currentScope, type Scope } from './worker-scope.ts';

type Stream = 'stdout' | 'stderr';
type Done = (error?: Error | null) => void;

/** Replaces the `write` of stdout and stderr, and so takes in `console` and the warnings of Node too. */
export function captureOutput(batch: Batch<FromWorker>): void {
  const nobody: Pick<Scope, 'unfinished'> = { unfinished: { stdout: '', stderr: '' } };
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
      const scope = currentScope();
      const { unfinished } = scope ?? nobody;
      const lines = (unfinished[stream] + textOf(chunk, encoding)).split('\n');
      unfinished[stream] = lines.pop() ?? '';
      for (const line of lines) sendLine(batch, scope, stream, line);
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
  }
  process.on('exit', () => {
    flushOutput(batch, undefined, nobody.unfinished);
    batch.flush();
  });
}

/** Sends what has no line end. */
export function flushOutput(
  batch: Batch<FromWorker>,
  scope: Scope | undefined,
  unfinished: Scope['unfinished'] | undefined = scope?.unfinished,
): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    if (!unfinished?.[stream]) continue;
    sendLine(batch, scope, stream, unfinished[stream]);
    unfinished[stream] = '';
  }
}

function textOf(chunk: string | Uint8Array, encoding: BufferEncoding | Done | undefined): string {
  if (typeof chunk !== 'string') return Buffer.from(chunk).toString();
  const plain = typeof encoding !== 'string' || encoding === 'utf8' || encoding === 'utf-8';
  return plain ? chunk : Buffer.from(chunk, encoding).toString();
}

function sendLine(batch: Batch<FromWorker>, scope: Scope | undefined, stream: Stream, line: string): void {
  batch.push({
    kind: 'log',
    id: scope?.id ?? 0,
    ...(scope && { functionName: scope.functionName }),
    ...(scope?.requestId !== undefined && { requestId: scope.requestId }),
    stream,
    line: line.endsWith('\r') ? line.slice(0, -1) : line,
  });
  // At once: a handler that never gives way, or ends the thread, should still be heard.
  batch.flush();
}
