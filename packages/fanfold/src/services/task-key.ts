/** Names what a task makes elsewhere, so that a task performed again after a crash finds what it had made (I3). */
import { createHash } from 'node:crypto';
import type { TaskRequest } from '../ports/services.ts';

/** Always the same for one attempt of one task, and for nothing else; a UUID, as AWS names what has no name. */
export function taskKey({ task, idempotencyKey }: Pick<TaskRequest, 'task' | 'idempotencyKey'>): string {
  return uuidOf(`${idempotencyKey}\n${task.frame}\n${task.attempt}`);
}

/** The same for all attempts of one entry of the state. */
export function entryKey({ task, idempotencyKey }: Pick<TaskRequest, 'task' | 'idempotencyKey'>): string {
  return uuidOf(`${idempotencyKey}\n${task.frame}`);
}

/** The same for the same text, in the form of a UUID. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
