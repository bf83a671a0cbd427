/** `fanfold table query`: the items of one partition, a line each. */
import type { JsonObject } from '../../json.ts';
import { ExitCode, UsageError } from '../exit.ts';
import type { GlobalOptions } from '../project-access.ts';
import { keysOf, keyValue, pages, type TableKey, withTables } from '../table-access.ts';
import { itemLine } from '../item-text.ts';

export interface TableQueryOptions extends GlobalOptions {
  readonly table: string;
  readonly key: string;
  readonly beginsWith?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly ddb?: boolean;
}

export function tableQuery(options: TableQueryOptions): Promise<number> {
  const { table, key, reverse = false, limit = Number.POSITIVE_INFINITY, ddb = false } = options;
  return withTables(options, async (call) => {
    const { partition, sort } = await keysOf(call, table);
    const { conditions, values, names } = sortConditions(options, sort);
    const request = {
      TableName: table,
      KeyConditionExpression: ['#partition = :partition', ...conditions].join(' AND '),
      ExpressionAttributeNames: { '#partition': partition.name, ...names },
      ExpressionAttributeValues: { ':partition': keyValue(partition, key), ...values },
      ScanIndexForward: !reverse,
      ...(Number.isFinite(limit) && { Limit: limit }),
    };
    let left = limit;
    for await (const items of pages(call, 'Query', request)) {
      for (const item of items.slice(0, left)) process.stdout.write(itemLine(item, ddb));
      left -= items.length;
      if (left <= 0) break;
    }
    return ExitCode.ok;
  });
}

function sortConditions(
  { table, beginsWith, from, to }: TableQueryOptions,
  sort: TableKey | undefined,
): { readonly conditions: readonly string[]; readonly values: JsonObject; readonly names: JsonObject } {
  const given = {
    ...(beginsWith !== undefined && { beginsWith }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  if (Object.keys(given).length === 0) return { conditions: [], values: {}, names: {} };
  if (!sort) throw new UsageError(`The table ${table} has no sort key: its partitions have one item each.`);
  if (beginsWith !== undefined && (from !== undefined || to !== undefined))
    throw new UsageError('Give either --begins-with, or --from and --to.');
  const condition =
    beginsWith !== undefined
      ? 'begins_with(#sort, :beginsWith)'
      : from !== undefined && to !== undefined
        ? '#sort BETWEEN :from AND :to'
        : from === undefined
          ? '#sort <= :to'
          : '#sort >= :from';
  const values = Object.entries(given).map(([name, text]) => [`:${name}`, keyValue(sort, text)]);
  return { conditions: [condition], values: Object.fromEntries(values), names: { '#sort': sort.name } };
}
