/**
 * Children of map runs that have ended, many to a row: the statements over `child_packs`. What is in a pack never changes, and
 * goes as a whole: by retention, or to rows of its own when one of its children runs again.
 */
import type { Database } from '../../database/database.ts';
import type { Execution, ExecutionStatus } from '../../interpreter/execution.ts';
import type { Frame, FrameId } from '../../interpreter/frame.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import { Value } from '../../interpreter/value.ts';
import type { HistoryParams, ListParams, LoadedExecution } from '../../ports/store.ts';
import { arnOf, numberedArn } from '../child-names.ts';
import { type ChildToPack, decodeChildren, encodeChildren, type UnpackedChild } from '../codecs/child-pack-codec.ts';
import { decodeFrame } from '../codecs/frame-codec.ts';
import { unpackExecution } from '../codecs/header-codec.ts';
import { decodeHistory } from '../codecs/history-codec.ts';
import type { StoredValue } from '../codecs/stored-value.ts';
import { isOlder, newestFirst, type ListedExecution, type ListStart } from './executions-table.ts';
import { pageOfRuns } from './history-table.ts';

/** What the children of a pack have in common. */
export interface Siblings {
  readonly siblings: string;
  readonly mapRunArn: string;
  readonly stateMachineArn: string;
  readonly status: ExecutionStatus;
}

/** A child that was in a pack, for rows of its own. */
export interface TakenChild extends Pick<LoadedExecution, 'execution' | 'frames'> {
  /** Of the row that it had, or would have had. */
  readonly id: number;
  readonly history: readonly HistoryRecord[];
}

export interface ChildPacksTable {
  add(siblings: Siblings, children: readonly ChildToPack[]): void;
  has(arn: string): boolean;
  read(arn: string): Execution | undefined;
  load(arn: string): LoadedExecution | undefined;
  /** Removes the pack that a child is in. @returns all children of it; undefined for an execution that is in no pack */
  take(arn: string): readonly TakenChild[] | undefined;
  /** Undefined for an execution that is in no pack. */
  history(params: HistoryParams): HistoryRecord[] | undefined;
  /** Where a list that starts behind an execution begins. */
  startOf(arn: string): ListStart | undefined;
  /** Newest first. */
  list(params: ListParams, after: ListStart): ListedExecution[];
  /** The highest id that a child in a pack has or would have as a row. */
  lastExecution(): number;
}

interface PackRow extends Siblings {
  readonly id: number;
}

/** Packs that were read last: who asks for one child often asks for the next one too. */
const MOST_REMEMBERED = 4;

export function createChildPacksTable(db: Database): ChildPacksTable {
  const add = db.prepare(
    `INSERT INTO child_packs (siblings, map_run_arn, state_machine_arn, first_index, last_index, count, last_execution,
        first_start, last_start, first_stop, last_stop, children, status)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // A child that is begun has the highest index so far, mostly: nothing is found at once.
  const holding = db.prepare(
    `SELECT ${COLUMNS} FROM child_packs INDEXED BY child_packs_by_index
      WHERE siblings = ?1 AND last_index >= ?2 AND first_index <= ?2 ORDER BY last_index`,
  );
  const children = db.prepare('SELECT children FROM child_packs WHERE id = ?');
  const remove = db.prepare('DELETE FROM child_packs WHERE id = ?');
  const remembered = new Map<number, ReadonlyMap<number, UnpackedChild>>();

  const unpack = (id: number): ReadonlyMap<number, UnpackedChild> => {
    const row = children.get(id) as { children: Uint8Array };
    return new Map(decodeChildren(row.children).map((child) => [child.index, child]));
  };
  const childrenOf = (id: number): ReadonlyMap<number, UnpackedChild> => {
    const found = remembered.get(id) ?? unpack(id);
    remembered.delete(id);
    remembered.set(id, found);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MOST_REMEMBERED) break;
      remembered.delete(oldest);
    }
    return found;
  };

  const find = (arn: string): { readonly pack: PackRow; readonly child: UnpackedChild } | undefined => {
    const number = numberedArn(arn);
    if (!number) return undefined;
    for (const pack of holding.all(number.siblings, number.index) as unknown as PackRow[]) {
      const child = childrenOf(pack.id).get(number.index);
      if (child) return { pack, child };
    }
    return undefined;
  };

  return {
    add: ({ siblings, mapRunArn, stateMachineArn, status }, packed) => {
      const most = (of: (child: ChildToPack) => number): number =>
        packed.reduce((most, child) => Math.max(most, of(child)), 0);
      const least = (of: (child: ChildToPack) => number): number =>
        packed.reduce((least, child) => Math.min(least, of(child)), Number.MAX_SAFE_INTEGER);
      add.run(
        siblings,
        mapRunArn,
        stateMachineArn,
        least(({ index }) => index),
        most(({ index }) => index),
        packed.length,
        most(({ id }) => id),
        least(({ startedAt }) => startedAt),
        most(({ startedAt }) => startedAt),
        least(({ stoppedAt }) => stoppedAt),
        most(({ stoppedAt }) => stoppedAt),
        encodeChildren(packed),
        status,
      );
    },
    has: (arn) => find(arn) !== undefined,
    read: (arn) => {
      const found = find(arn);
      return found && executionOf(found.pack, found.child);
    },
    load: (arn) => {
      const found = find(arn);
      return found && { execution: executionOf(found.pack, found.child), frames: framesOf(found.child), outputs: [] };
    },
    take: (arn) => {
      const pack = find(arn)?.pack;
      if (!pack) return undefined;
      const taken = [...childrenOf(pack.id).values()];
      remembered.delete(pack.id);
      remove.run(pack.id);
      return taken.map((child) => ({
        id: child.id,
        execution: executionOf(pack, child),
        frames: framesOf(child),
        history: child.history.flatMap((run) => decodeHistory(run, inPlace)),
      }));
    },
    history: (params) => {
      const runs = find(params.executionArn)?.child.history;
      return runs && pageOfRuns(params.reverse ? runs.toReversed() : runs, params, inPlace);
    },
    startOf: (arn) => find(arn)?.child,
    list: (params, after) => {
      if (!mayHold(params)) return [];
      const { index, condition, value } = wantedBy(params);
      const { status = null } = params;
      const packs = db
        .prepare(
          `SELECT ${COLUMNS}, last_start AS lastStart FROM child_packs INDEXED BY ${index}
            WHERE ${condition} AND first_start <= ? AND status = coalesce(?, status) ORDER BY last_start DESC`,
        )
        .iterate(...value, after.startedAt, status);
      let found: { readonly pack: PackRow; readonly child: UnpackedChild }[] = [];
      for (const row of packs) {
        const pack = row as unknown as PackRow & { readonly lastStart: number };
        const last = found[params.limit - 1];
        if (last && last.child.startedAt > pack.lastStart) break;
        for (const child of childrenOf(pack.id).values()) if (isOlder(child, after)) found.push({ pack, child });
        found = found.sort((a, b) => newestFirst(a.child, b.child)).slice(0, params.limit);
      }
      return found.map(({ pack, child }) => ({
        id: child.id,
        startedAt: child.startedAt,
        execution: () => executionOf(pack, child),
      }));
    },
    lastExecution: () => {
      const { last } = db.prepare('SELECT coalesce(max(last_execution), 0) AS last FROM child_packs').get() as {
        last: number;
      };
      return last;
    },
  };
}

const COLUMNS = 'id, siblings, map_run_arn AS mapRunArn, state_machine_arn AS stateMachineArn, status';

/** Children of map runs belong to no version and no alias. */
function mayHold({ status, stateMachineVersionArn, stateMachineAliasArn }: ListParams): boolean {
  return status !== 'RUNNING' && stateMachineVersionArn === undefined && stateMachineAliasArn === undefined;
}

interface Wanted {
  readonly index: string;
  readonly condition: string;
  readonly value: readonly string[];
}

function wantedBy({ mapRunArn, stateMachineArn }: ListParams): Wanted {
  if (mapRunArn !== undefined) {
    const also = stateMachineArn === undefined ? '' : ' AND state_machine_arn = ?';
    const value = stateMachineArn === undefined ? [mapRunArn] : [mapRunArn, stateMachineArn];
    return { index: 'child_packs_by_map_run', condition: `map_run_arn = ?${also}`, value };
  }
  if (stateMachineArn === undefined) return { index: 'child_packs_by_start', condition: 'last_start >= 0', value: [] };
  return { index: 'child_packs_by_state_machine', condition: 'state_machine_arn = ?', value: [stateMachineArn] };
}

function executionOf({ siblings, ...columns }: PackRow, child: UnpackedChild): Execution {
  const { index, startedAt, stoppedAt, header } = child;
  const { mapRunArn, stateMachineArn, status } = columns;
  return unpackExecution(
    { arn: arnOf({ siblings, index }), stateMachineArn, status, startedAt, stoppedAt, mapRunArn },
    header,
    inPlace,
  );
}

function framesOf({ frames }: UnpackedChild): ReadonlyMap<FrameId, Frame> {
  return new Map(frames.map(({ id, frame }) => [id, decodeFrame(id, frame, inPlace)]));
}

/** Nothing in a pack is kept apart. */
function inPlace(stored: StoredValue): Value {
  if (typeof stored === 'string') return Value.ofText(stored);
  throw new Error(`A child in a pack refers to the stored value ${stored}.`);
}
