/** `fanfold table get`: one item as JSON. */
import { isObject } from '../../json.ts';
import type { Item } from '../../ports/tables.ts';
import { plainItem } from '../../services/plain-item.ts';
import { ExitCode, UsageError } from '../exit.ts';
import type { GlobalOptions } from '../project-access.ts';
import { keysOf, keyValue, withTables } from '../table-access.ts';

export interface TableGetOptions extends GlobalOptions {
  readonly table: string;
  readonly key: string;
  readonly sort?: string;
  readonly ddb?: boolean;
}

export function tableGet({ table, key, sort, ddb, ...options }: TableGetOptions): Promise<number> {
  return withTables({ ...options, table }, async (call) => {
    const keys = await keysOf(call, table);
    if ((keys.sort === undefined) !== (sort === undefined))
      throw new UsageError(
        keys.sort
          ? `An item of ${table} has a sort key too, ${keys.sort.name}: give its value, or use 'fanfold table query'.`
          : `An item of ${table} has no sort key: leave '${sort}' out.`,
      );
    const Key = {
      [keys.partition.name]: keyValue(keys.partition, key),
      ...(keys.sort && sort !== undefined && { [keys.sort.name]: keyValue(keys.sort, sort) }),
    };
    const { Item: found } = await call('GetItem', { TableName: table, Key });
    if (!isObject(found)) {
      process.stderr.write(`There is no such item in ${table}.\n`);
      return ExitCode.notFound;
    }
    const shown = ddb === true ? found : plainItem(found as unknown as Item);
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return ExitCode.ok;
  });
}
