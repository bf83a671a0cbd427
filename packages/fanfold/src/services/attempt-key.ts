import { createHash } from 'node:crypto';
import type { TaskRequest } from '../ports/services.ts';

/** The same for one attempt of one task, and for nothing else: performed again after a crash it asks for the same thing. */
export function attemptKey({ task, idempotencyKey }: Pick<TaskRequest, 'task' | 'idempotencyKey'>): string {
  return createHash('sha256').update(`${idempotencyKey}\n${task.frame}\n${task.attempt}`).digest('hex');
}
