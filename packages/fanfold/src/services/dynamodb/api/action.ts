/** What the actions of DynamoDB's API work on. */
import type { JsonObject } from '../../../json.ts';
import type { Catalogue } from '../catalogue.ts';
import type { TableRecord, Throughput } from '../table-details.ts';
import type { TablesThread } from '../tables-thread.ts';
import type { Meters } from '../throughput.ts';
import type { Fields } from './fields.ts';

export interface ActionContext {
  readonly catalogue: Catalogue;
  readonly thread: Pick<TablesThread, 'request'>;
  readonly meters: Meters;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether it is a table of the project. */
  readonly isFixed: (table: string) => boolean;
  readonly throughputOf: (table: string) => Throughput | undefined;
  readonly place: { readonly region: string; readonly account: string };
}

export interface Action {
  readonly fields: Fields;
  /** @param request its members checked by the fields @throws ServiceError */
  run(context: ActionContext, request: JsonObject): Promise<JsonObject>;
}

/** Whoever knows the tables. */
export interface TablesByName {
  readonly catalogue: Pick<Catalogue, 'get'>;
}

const TABLE_ARN = /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/(.+)$/;

/** By its name, or by an ARN, of which only the name counts. @throws ServiceError ResourceNotFoundException */
export function tableOf({ catalogue }: TablesByName, name: unknown): TableRecord {
  return catalogue.get(tableName(name));
}

export function tableName(name: unknown): string {
  const text = String(name);
  return TABLE_ARN.exec(text)?.[1] ?? text;
}

/** What an answer says of its cost, where it was asked for. */
export function consumed(request: JsonObject, table: string, units: number): JsonObject {
  const capacity = capacityOf(request, table, units);
  return capacity ? { ConsumedCapacity: capacity } : {};
}

export function capacityOf(request: JsonObject, table: string, units: number): JsonObject | undefined {
  const wanted = request['ReturnConsumedCapacity'] ?? 'NONE';
  if (wanted === 'NONE') return undefined;
  return {
    TableName: table,
    CapacityUnits: units,
    ...(wanted === 'INDEXES' && { Table: { CapacityUnits: units } }),
  };
}

export const CAPACITY: readonly string[] = ['INDEXES', 'TOTAL', 'NONE'];
