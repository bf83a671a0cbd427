/**
 * Performs many requests at once: in their order, the writes in few transactions, each answered after its commit. What
 * one request asks for is never divided, so that a put of many items is there whole or not at all.
 */
import { MOST_WRITES } from './api/batch-write.ts';
import { DiskError, isDiskFailure } from '../../database/disk-error.ts';
import type { Answer, OperationName, Operations, Request } from './operations.ts';
import type { TableStore } from './sqlite-tables.ts';

/** Items written in one transaction. More make no commit cheaper and the wait for an answer longer. */
const LARGEST_GROUP = 5000;

export function performBatch(store: TableStore, requests: readonly Request[]): readonly Answer[] {
  return groups(requests).flatMap((group) => performGroup(store, group));
}

function performGroup(store: TableStore, group: readonly Request[]): readonly Answer[] {
  const run = (): readonly Answer[] =>
    group.map((request) => ({ id: request.id, ok: true, value: perform(store, request) }));
  try {
    return group.some((request) => weight(request) > 0) ? store.transaction(run) : run();
  } catch (error) {
    // Nothing of the transaction is there: none of them was done. Others need not fail because of one.
    if (group.length > 1 && !isDiskFailure(error)) return group.flatMap((request) => performGroup(store, [request]));
    const cause = error instanceof DiskError ? error.cause : error;
    const message = cause instanceof Error ? cause.message : String(cause);
    return group.map(({ id }) => ({ id, ok: false, message, disk: isDiskFailure(error) }));
  }
}

function perform(store: TableStore, { name, params }: Request): Operations[OperationName]['answer'] {
  return (store[name] as (params: Request['params']) => Operations[OperationName]['answer'])(params);
}

function groups(requests: readonly Request[]): readonly (readonly Request[])[] {
  const all: Request[][] = [];
  let group: Request[] = [];
  let items = 0;
  for (const request of requests) {
    const more = weight(request);
    const isAlone = ALONE.has(request.name) || (group[0] && ALONE.has(group[0].name));
    if (group.length > 0 && (items + more > LARGEST_GROUP || isAlone)) {
      all.push(group);
      group = [];
      items = 0;
    }
    group.push(request);
    items += more;
  }
  if (group.length > 0) all.push(group);
  return all;
}

/** A sync is a transaction of its own, and what changes the tables is no matter of the writes around it. */
const ALONE: ReadonlySet<OperationName> = new Set(['sync', 'create', 'drop', 'alter']);

const WRITES: ReadonlySet<OperationName> = new Set(['put', 'write', 'delete', 'create', 'drop', 'alter']);

/** Items written. */
function weight(request: Request): number {
  if (request.name === 'writeMany') return Math.max(1, request.params.items.length);
  if (request.name === 'batchWrite') return MOST_WRITES;
  if (request.name === 'putLines') return LARGEST_GROUP;
  return WRITES.has(request.name) ? 1 : 0;
}
