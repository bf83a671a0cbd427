/** Headers of executions: the statements over `executions`. */
import type { Database } from '../../database/database.ts';
import type { Execution, ExecutionStatus } from '../../interpreter/execution.ts';
import type { ListParams } from '../../ports/store.ts';
import { columnsOf, decodeExecution, encodeExecution, type HeaderColumns } from '../codecs/header-codec.ts';
import type { PutValue } from '../codecs/stored-value.ts';
import type { Values } from './values.ts';

/** An execution's row, as far as writing it again needs it. */
export interface ExecutionRow {
  readonly id: number;
  readonly status: ExecutionStatus;
}

export interface StoredExecution {
  readonly id: number;
  readonly execution: Execution;
}

/** A place in a list: the newest come first, of those that began in the same millisecond the last row. */
export interface ListStart {
  readonly startedAt: number;
  readonly id: number;
}

/** Everything stands behind it. */
export const LIST_START: ListStart = { startedAt: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };

/** Whether one stands behind another. */
export function isOlder(a: ListStart, b: ListStart): boolean {
  return newestFirst(a, b) > 0;
}

export function newestFirst(a: ListStart, b: ListStart): number {
  return b.startedAt - a.startedAt || b.id - a.id;
}

export interface ListedExecution extends ListStart {
  readonly execution: () => Execution;
}

export interface ExecutionsTable {
  /** An id for a row to come. */
  newId(): number;
  find(arn: string): ExecutionRow | undefined;
  read(arn: string): StoredExecution | undefined;
  insert(id: number, execution: Execution, put: PutValue): void;
  update(row: ExecutionRow, execution: Execution, put: PutValue): void;
  /** Where a list that starts behind an execution begins. */
  startOf(arn: string): ListStart | undefined;
  /** Newest first. */
  list(params: ListParams, after: ListStart): ListedExecution[];
  /** ARNs of running executions, oldest first. */
  running(): string[];
}

/** @param last the highest id that was ever given, as far as it is not in a row */
export function createExecutionsTable(db: Database, values: Values, last: number): ExecutionsTable {
  const find = db.prepare('SELECT id, status FROM executions WHERE arn = ?');
  const read = db.prepare(`SELECT ${COLUMNS} FROM executions WHERE arn = ?`);
  const insert = db.prepare(
    `INSERT INTO executions (id, arn, state_machine_arn, status, started_at, header, version_arn, alias_arn, stopped_at,
        map_run_arn)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // Two statements, because naming `status` costs a change of its index even where it stays as it is.
  const updateHeader = db.prepare('UPDATE executions SET header = ? WHERE id = ?');
  const updateStatus = db.prepare('UPDATE executions SET header = ?, status = ?, stopped_at = ? WHERE id = ?');
  const running = db.prepare(
    `SELECT arn FROM executions INDEXED BY executions_not_succeeded
      WHERE status = 'RUNNING' AND status <> 'SUCCEEDED' ORDER BY started_at, id`,
  );
  const startOf = db.prepare('SELECT started_at AS startedAt, id FROM executions WHERE arn = ?');
  const { lastRow } = db.prepare('SELECT coalesce(max(id), 0) AS lastRow FROM executions').get() as { lastRow: number };
  let nextId = Math.max(last, lastRow) + 1;

  const decode = (row: object): StoredExecution => {
    const { id, header, ...columns } = row as HeaderRow;
    return { id, execution: decodeExecution(columns, header, values.getFor(id)) };
  };

  return {
    newId: () => nextId++,
    find: (arn) => find.get(arn) as ExecutionRow | undefined,
    read: (arn) => {
      const row = read.get(arn);
      return row && decode(row);
    },
    insert: (id, execution, put) => {
      const header = encodeExecution(execution, put);
      const { arn, stateMachineArn, status, startedAt, stoppedAt, mapRunArn } = columnsOf(execution);
      const { stateMachineVersionArn: version = null, stateMachineAliasArn: alias = null } = execution;
      insert.run(id, arn, stateMachineArn, status, startedAt, header, version, alias, stoppedAt, mapRunArn);
    },
    update: ({ id, status }, execution, put) => {
      const header = encodeExecution(execution, put);
      if (status === execution.status) updateHeader.run(header, id);
      else updateStatus.run(header, execution.status, execution.stoppedAt, id);
    },
    startOf: (arn) => startOf.get(arn) as ListStart | undefined,
    list: (params, after) => {
      const filter = FILTERS.flatMap(([name]) => params[name] ?? []);
      const rows = db.prepare(listSql(params)).all(...filter, after.startedAt, after.id, params.limit);
      return (rows as unknown as HeaderRow[]).map((row) => ({
        id: row.id,
        startedAt: row.startedAt,
        execution: () => decode(row).execution,
      }));
    },
    running: () => (running.all() as { arn: string }[]).map(({ arn }) => arn),
  };
}

type HeaderRow = HeaderColumns & { readonly id: number; readonly header: string };

const COLUMNS =
  'id, header, arn, state_machine_arn AS stateMachineArn, status, started_at AS startedAt, stopped_at AS stoppedAt, map_run_arn AS mapRunArn';

type Filter = 'stateMachineArn' | 'stateMachineVersionArn' | 'stateMachineAliasArn' | 'mapRunArn' | 'status';

/** What a list may ask for, in the order of the statement's parameters. */
const FILTERS: readonly (readonly [Filter, condition: string])[] = [
  ['stateMachineArn', 'state_machine_arn = ?'],
  ['stateMachineVersionArn', 'version_arn = ?'],
  ['stateMachineAliasArn', 'alias_arn = ?'],
  ['mapRunArn', 'map_run_arn = ?'],
  ['status', 'status = ?'],
];

/** Indexes that leave executions out, and what a statement has to say to be given one. */
const PARTIAL: Readonly<Record<string, string>> = {
  executions_not_succeeded: "status <> 'SUCCEEDED'",
  executions_unsuccessful: "status NOT IN ('SUCCEEDED', 'RUNNING')",
};

/** Takes what {@link FILTERS} finds to be asked for, then start and id to begin behind, and the limit. */
function listSql(params: ListParams): string {
  const index = listIndex(params);
  const wanted = [
    ...FILTERS.flatMap(([name, condition]) => (params[name] === undefined ? [] : [condition])),
    ...(PARTIAL[index] ? [PARTIAL[index]] : []),
    '(started_at, id) < (?, ?)',
  ];
  return `SELECT ${COLUMNS} FROM executions INDEXED BY ${index}
    WHERE ${wanted.join(' AND ')} ORDER BY started_at DESC, id DESC LIMIT ?`;
}

function listIndex(params: ListParams): string {
  const { stateMachineArn, stateMachineVersionArn, stateMachineAliasArn, mapRunArn, status } = params;
  if (mapRunArn !== undefined) return 'executions_by_map_run';
  if (stateMachineVersionArn !== undefined) return 'executions_by_version';
  if (stateMachineAliasArn !== undefined) return 'executions_by_alias';
  if (status === undefined || status === 'SUCCEEDED')
    return stateMachineArn === undefined ? 'executions_by_start' : 'executions_by_state_machine';
  // Of those that run there are not many.
  return status === 'RUNNING' || stateMachineArn === undefined ? 'executions_not_succeeded' : 'executions_unsuccessful';
}
