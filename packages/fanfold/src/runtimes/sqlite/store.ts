/**
 * Executions in SQLite: `engine.db` in a directory, and large values in files beside it, written by group commit. Whether
 * another process has the directory open is not looked at here: that is the directory's lock (I7).
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyUnchanging } from '../../database/copy-unchanging.ts';
import { type Database, type Durability, openDatabase } from '../../database/database.ts';
import { freezeDatabase } from '../../database/frozen.ts';
import { syncFolder } from '../../database/sync-folder.ts';
import { isClosed } from '../../interpreter/execution.ts';
import type { Snapshot } from '../../ports/snapshot.ts';
import type { Commit, Store } from '../../ports/store.ts';
import { type ActivitiesTable, createActivitiesTable } from './activities-table.ts';
import { type Batch, createPending, merge, type PendingExecution } from './batch.ts';
import { type ChildPacksTable, createChildPacksTable } from './child-packs-table.ts';
import { createDefinitionsTable, type DefinitionsTable } from './definitions-table.ts';
import { createExecutionsTable, type ExecutionRow, type ExecutionsTable } from './executions-table.ts';
import { FrameSlots } from './frame-slots.ts';
import { createFramesTable, type FramesTable } from './frames-table.ts';
import { createGroupCommit, type GroupCommitParams } from './group-commit.ts';
import { createHistoryTable, type HistoryTable } from './history-table.ts';
import { createKeptExecutions } from './kept-executions.ts';
import { createMapRunsTable, type MapRunsTable } from './map-runs-table.ts';
import { createOutboxTable, type OutboxTable } from './outbox-table.ts';
import { createPacking, PACK_SIZES, type Packing, type PackSizes } from './packing.ts';
import { createPruning } from './pruning.ts';
import { openValueFiles } from './value-files.ts';
import { createValues, sweepValueFiles, type Values } from './values.ts';
import { PassingMap } from '../../passing-map.ts';

export interface SqliteStore extends Store {
  /** All that is committed, as of now. */
  snapshot(): Snapshot;
}

export interface SqliteStoreOptions extends Pick<GroupCommitParams, 'checkpoints' | 'syncs'> {
  /** Made when it is not there. */
  readonly directory: string;
  /** @defaultValue normal */
  readonly durability?: Durability;
  /** How many children of map runs are kept together; as its defaults are, but for tests. */
  readonly packs?: PackSizes;
}

/** What committing again to an execution needs to know of it. */
type OpenExecution = Pick<PendingExecution, 'id' | 'slots'> & { readonly row: ExecutionRow };

interface Tables {
  readonly activities: ActivitiesTable;
  readonly childPacks: ChildPacksTable;
  readonly definitions: DefinitionsTable;
  readonly executions: ExecutionsTable;
  readonly frames: FramesTable;
  readonly history: HistoryTable;
  readonly mapRuns: MapRunsTable;
  readonly outbox: OutboxTable;
}

/**
 * Opens the store of a directory. A failed write (a full disk, a failed fsync) is fatal for this opening: every later
 * call is refused with the same error, because nobody can tell any more what the disk holds.
 * @throws Error when the directory or its database cannot be opened
 */
export function createSqliteStore(options: SqliteStoreOptions): SqliteStore {
  const { directory, durability = 'normal', packs = PACK_SIZES, checkpoints, syncs } = options;
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'engine.db');
  const db = openDatabase({
    path,
    migrations: new URL('./migrations/', import.meta.url),
    checkpoints: 'elsewhere',
  });
  const files = openValueFiles(directory);
  sweepValueFiles(db, files);
  const values = createValues(db, files);
  const tables = createTables(db, values);
  const { activities, definitions, executions, frames, mapRuns, outbox } = tables;
  const kept = createKeptExecutions(tables);
  const packing = createPacking(db, tables, packs);
  const pruning = createPruning(db);

  /** Snapshots in use: what belongs to them must not be removed. */
  let frozen = 0;

  /** Rows of executions that run: they are committed to again and again. */
  const open = new PassingMap<string, OpenExecution>();
  const remember = ({ id, slots, execution }: PendingExecution): void => {
    if (isClosed(execution)) open.delete(execution.arn);
    else open.set(execution.arn, { id, row: { id, status: execution.status }, slots });
  };
  const recall = (arn: string): OpenExecution | undefined => {
    const row = executions.find(arn);
    return row && { id: row.id, row, slots: frames.slots(row.id) };
  };

  /** One that failed is redriven, and mostly those beside it are too: all of its pack get rows again. */
  const unpack = (arn: string): OpenExecution | undefined => {
    const giveRows = (): boolean => {
      const taken = tables.childPacks.take(arn) ?? [];
      for (const { id, execution, frames: left, history } of taken) {
        const put = values.putFor(id, execution);
        executions.insert(id, execution, put);
        frames.write(id, new FrameSlots(), left, put);
        tables.history.append(id, history, put);
      }
      return taken.length > 0;
    };
    try {
      return db.transaction(giveRows) ? recall(arn) : undefined;
    } catch (cause) {
      throw commits.refuse(cause);
    }
  };

  const commits = createGroupCommit({
    ...(checkpoints && { checkpoints }),
    ...(syncs && { syncs }),
    db,
    path,
    durability,
    write: (batch) => writeBatch(tables, values, packing, batch),
    syncFiles: () => values.sync(),
    onWritten: ({ executions: written }) => {
      for (const pending of written.values()) remember(pending);
    },
  });
  const { gather, settled } = commits;

  const pendingOf = (current: Batch, commit: Commit): PendingExecution => {
    const { execution } = commit;
    const { arn } = execution;
    const known = current.executions.get(arn);
    if (known) return known;
    const found = open.get(arn) ?? recall(arn) ?? unpack(arn);
    if (!found) throw new Error(`There is no execution ${arn} to commit to. Create it first.`);
    const pending = createPending(found, execution);
    current.executions.set(arn, pending);
    return pending;
  };

  const take = (current: Batch, pending: PendingExecution, commit: Commit): void => {
    merge(pending, commit);
    for (const message of commit.outbox) current.outbox.push({ kind: 'add', message });
    commits.count(current);
  };

  return {
    async saveDefinition(hash, text) {
      const current = gather();
      current.definitions.set(hash, text);
      await current.written.promise;
    },
    async definition(hash) {
      await settled();
      return definitions.read(hash);
    },
    async saveStateMachine(record) {
      const current = gather();
      current.stateMachines.set(record.arn, record);
      await current.written.promise;
    },
    async removeStateMachine(arn) {
      const current = gather();
      current.stateMachines.set(arn, null);
      await current.written.promise;
    },
    async stateMachine(arn) {
      await settled();
      return definitions.readStateMachine(arn);
    },
    async stateMachines() {
      await settled();
      return definitions.readStateMachines();
    },

    async saveActivity(record) {
      const current = gather();
      current.activities.set(record.arn, record);
      await current.written.promise;
    },
    async removeActivity(arn) {
      const current = gather();
      current.activities.set(arn, null);
      await current.written.promise;
    },
    async activity(arn) {
      await settled();
      return activities.read(arn);
    },
    async activities() {
      await settled();
      return activities.readAll();
    },

    async create(commit) {
      const current = gather();
      const { execution } = commit;
      const isNew = !current.executions.has(execution.arn) && !kept.has(execution.arn);
      if (isNew) {
        const pending = createPending({ id: executions.newId(), row: null, slots: new FrameSlots() }, execution);
        current.executions.set(execution.arn, pending);
        take(current, pending, commit);
      }
      // What is already there must be durable too before anybody hears of it (I2).
      await current.written.promise;
      return isNew;
    },
    // All commits of a batch are given the same promise, so that who waits for many waits once.
    commit(commit) {
      try {
        const current = gather();
        take(current, pendingOf(current, commit), commit);
        return current.written.promise;
      } catch (error) {
        return Promise.reject(error);
      }
    },
    async load(executionArn) {
      await settled();
      return kept.load(executionArn);
    },
    async describe(executionArn) {
      await settled();
      return kept.read(executionArn);
    },
    async list(params) {
      await settled();
      return kept.list(params);
    },
    async history(params) {
      await settled();
      return kept.history(params);
    },
    async running() {
      await settled();
      return executions.running();
    },

    async saveMapRun(run, results, scope) {
      const current = gather();
      const pending = current.mapRuns.get(run.arn) ?? { run, results: [] };
      pending.run = run;
      if (scope !== undefined) pending.scope = scope;
      if (results.length > 0) pending.results.push(results);
      current.mapRuns.set(run.arn, pending);
      await current.written.promise;
    },
    async mapRun(mapRunArn) {
      await settled();
      return mapRuns.read(mapRunArn);
    },
    async mapRunScope(mapRunArn) {
      await settled();
      return mapRuns.scope(mapRunArn);
    },
    async mapRuns(executionArn) {
      await settled();
      return mapRuns.ofExecution(executionArn);
    },
    async runningMapRuns() {
      await settled();
      return mapRuns.running();
    },
    async mapRunResults(params) {
      await settled();
      return mapRuns.results(params);
    },

    async prune(params) {
      // In a transaction of its own, between two batches: what is being gathered must not find its execution gone.
      do await settled();
      while (commits.isGathering());
      if (frozen > 0) return { removed: 0, more: false };
      const { files: unused, ...pruned } = db.transaction(() => pruning.slice(params));
      for (const id of unused) files.remove(id);
      return pruned;
    },

    async outbox() {
      await settled();
      return outbox.read();
    },
    async acknowledge(message) {
      const current = gather();
      current.outbox.push({ kind: 'forget', message });
      await current.written.promise;
    },

    snapshot() {
      commits.check();
      values.sync();
      db.sync();
      const found = freezeDatabase(path);
      frozen += 1;
      return {
        copyInto: async (target) => {
          await found.copyTo(join(target, 'engine.db'));
          const copied = openValueFiles(target);
          for (const row of found.rows('SELECT id FROM stored_values WHERE text IS NULL')) {
            const { id } = row as { id: number };
            await copyUnchanging(files.path(id), copied.path(id));
          }
          await syncFolder(join(target, 'values'));
        },
        release: () => {
          frozen -= 1;
          found.release();
        },
      };
    },

    hasRoom: commits.hasRoom,
    eventsPerTurn: commits.eventsPerTurn,

    async sync() {
      const current = gather();
      current.sync = true;
      await current.written.promise;
    },
    async close() {
      if (!(await commits.close())) return;
      db.close();
      commits.release();
    },
  };
}

function createTables(db: Database, values: Values): Tables {
  const childPacks = createChildPacksTable(db);
  return {
    activities: createActivitiesTable(db),
    childPacks,
    definitions: createDefinitionsTable(db),
    executions: createExecutionsTable(db, values, childPacks.lastExecution()),
    frames: createFramesTable(db, values),
    history: createHistoryTable(db, values),
    mapRuns: createMapRunsTable(db),
    outbox: createOutboxTable(db),
  };
}

function writeBatch(
  { activities, definitions, executions, frames, history, mapRuns, outbox }: Tables,
  values: Values,
  packing: Packing,
  batch: Batch,
): void {
  for (const [hash, text] of batch.definitions) definitions.save(hash, text);
  for (const [arn, record] of batch.stateMachines) {
    if (record) definitions.saveStateMachine(record);
    else definitions.removeStateMachine(arn);
  }
  for (const [arn, record] of batch.activities) {
    if (record) activities.save(record);
    else activities.remove(arn);
  }
  const packed = packing.packBrief(batch);
  for (const pending of batch.executions.values()) {
    if (packed.has(pending)) continue;
    const { id, row, execution } = pending;
    const put = values.putFor(id, execution);
    if (row) executions.update(row, execution, put);
    else executions.insert(id, execution, put);
    for (const fork of pending.droppedForks) frames.dropOutputs(id, fork);
    for (const [fork, outputs] of pending.outputs) frames.putOutputs(id, fork, outputs, put);
    frames.write(id, pending.slots, pending.frames, put);
    history.append(id, pending.history, put);
  }
  packing.packEnded(batch, packed);
  for (const { run, results, scope } of batch.mapRuns.values()) mapRuns.save(run, results, scope);
  for (const { kind, message } of batch.outbox) outbox[kind](message);
}
