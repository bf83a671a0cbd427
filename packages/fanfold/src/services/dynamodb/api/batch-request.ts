/** What requests for many items have in common. */
import { isArray, type Json, type JsonObject } from '../../../json.ts';
import type { TableDescription } from '../../../ports/tables.ts';
import type { EncodedKey } from '../table-key.ts';
import { validationError } from '../validation.ts';
import { capacityOf } from './action.ts';
import { checkNested, throwProblems } from './fields.ts';

/** By the names of tables what is asked of them. @throws ServiceError ValidationException when there is none */
export function tablesOf(request: JsonObject): readonly (readonly [string, Json])[] {
  const tables = Object.entries(request['RequestItems'] as JsonObject);
  if (tables.length === 0)
    throwProblems([
      "Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ]);
  return tables;
}

/** @throws ServiceError ValidationException, SerializationException */
export function listOf(name: string, value: Json, most: number): readonly Json[] {
  checkNested({ required: [], known: { [name]: 'list' } }, { [name]: value }, 'RequestItems');
  return lengthChecked(isArray(value) ? value : [], most);
}

/** @throws ServiceError ValidationException */
export function lengthChecked(list: readonly Json[], most: number): readonly Json[] {
  if (list.length === 0)
    throwProblems([
      "Value at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: " +
        `[Member must have length less than or equal to ${most}, Member must have length greater than or equal to 1]`,
    ]);
  return list;
}

/** @throws ServiceError ValidationException */
export function checkDuplicates(all: readonly (EncodedKey & { readonly description: TableDescription })[]): void {
  const keys = all.map(({ description: { table }, partition, sort }) => JSON.stringify([table, partition, sort]));
  if (new Set(keys).size < keys.length) throw validationError('Provided list of item keys contains duplicates');
}

/** Of each table what was consumed, where it was asked for. */
export function capacities(
  request: JsonObject,
  all: readonly { readonly description: TableDescription }[],
  units: readonly (number | undefined)[],
): JsonObject {
  const sums = new Map<string, number>();
  for (const [i, { description }] of all.entries())
    sums.set(description.table, (sums.get(description.table) ?? 0) + (units[i] ?? 0));
  const list = [...sums].map(([table, sum]) => capacityOf(request, table, sum)).filter((each) => each !== undefined);
  return list.length > 0 ? { ConsumedCapacity: list } : {};
}
