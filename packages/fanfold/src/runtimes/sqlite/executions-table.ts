/** Headers of executions: the statements over `executions`. */
import type { Database } from '../../database/database.ts';
import type { Execution, ExecutionStatus } from '../../interpreter/execution.ts';
import type { ListParams } from '../../ports/store.ts';
import { columnsOf, decodeExecution, encodeExecution, type HeaderColumns } from '../codecs/header-codec.ts';
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

export interface ExecutionsTable {
  /** An id for a row to come. */
  newId(): number;
  find(arn: string): ExecutionRow | undefined;
  read(arn: string): StoredExecution | undefined;
  insert(id: number, execution: Execution): void;
  update(row: ExecutionRow, execution: Execution): void;
  list(params: ListParams): Execution[];
  /** ARNs of running executions, oldest first. */
  running(): string[];
}

export function createExecutionsTable(db: Database, values: Values): ExecutionsTable {
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
  const { last } = db.prepare('SELECT coalesce(max(id), 0) AS last FROM executions').get() as { last: number };
  let nextId = last + 1;

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
    insert: (id, execution) => {
      const header = encodeExecution(execution, values.putFor(id));
      const { arn, stateMachineArn, status, startedAt, stoppedAt, mapRunArn } = columnsOf(execution);
      const { stateMachineVersionArn: version = null, stateMachineAliasArn: alias = null } = execution;
      insert.run(id, arn, stateMachineArn, status, startedAt, header, version, alias, stoppedAt, mapRunArn);
    },
    update: ({ id, status }, execution) => {
      const header = encodeExecution(execution, values.putFor(id));
      if (status === execution.status) updateHeader.run(header, id);
      else updateStatus.run(header, execution.status, execution.stoppedAt, id);
    },
    list: (params) => {
      const after = params.after === undefined ? BEFORE_ALL : (startOf.get(params.after) as Start | undefined);
      if (!after) return [];
      const filter = FILTERS.flatMap(([name]) => params[name] ?? []);
      const rows = db.prepare(listSql(params)).all(...filter, after.startedAt, after.id, params.limit);
      return rows.map((row) => decode(row).execution);
    },
    running: () => (running.all() as { arn: string }[]).map(({ arn }) => arn),
  };
}

type HeaderRow = HeaderColumns & { readonly id: number; readonly header: string };

const COLUMNS =
  'id, header, arn, state_machine_arn AS stateMachineArn, status, started_at AS startedAt, stopped_at AS stoppedAt, map_run_arn AS mapRunArn';

interface Start {
  readonly startedAt: number;
  readonly id: number;
}

const BEFORE_ALL: Start = { startedAt: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };

type Filter = 'stateMachineArn' | 'stateMachineVersionArn' | 'stateMachineAliasArn' | 'mapRunArn' | 'status';

/** What a list may ask for, in the order of the statement's parameters. */
const FILTERS: readonly (readonly [Filter, condition: string])[] = [
  ['stateMachineArn', 'state_machine_arn = ?'],
  ['stateMachineVersionArn', 'version_arn = ?'],
  ['stateMachineAliasArn', 'alias_arn = ?'],
  ['mapRunArn', 'map_run_arn = ?'],
  ['status', 'status = ?'],
];

/** Takes what {@link FILTERS} finds to be asked for, then start and id to begin behind, and the limit. */
function listSql(params: ListParams): string {
  const wanted = [
    ...FILTERS.flatMap(([name, condition]) => (params[name] === undefined ? [] : [condition])),
    ...(listIndex(params) === 'executions_not_succeeded' ? [`status <> 'SUCCEEDED'`] : []),
    '(started_at, id) < (?, ?)',
  ];
  return `SELECT ${COLUMNS} FROM executions INDEXED BY ${listIndex(params)}
    WHERE ${wanted.join(' AND ')} ORDER BY started_at DESC, id DESC LIMIT ?`;
}

function listIndex(params: ListParams): string {
  const { stateMachineArn, stateMachineVersionArn, stateMachineAliasArn, mapRunArn, status } = params;
  if (mapRunArn !== undefined) return 'executions_by_map_run';
  if (stateMachineVersionArn !== undefined) return 'executions_by_version';
  if (stateMachineAliasArn !== undefined) return 'executions_by_alias';
  if (hasStatusIndex(status)) return 'executions_not_succeeded';
  return stateMachineArn === undefined ? 'executions_by_start' : 'executions_by_state_machine';
}

function hasStatusIndex(status: ExecutionStatus | undefined): boolean {
  return status !== undefined && status !== 'SUCCEEDED';
}
