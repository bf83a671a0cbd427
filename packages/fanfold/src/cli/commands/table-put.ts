/** `fanfold table put`: one item. */
import { ServiceError } from '../../ports/service-error.ts';
import type { JsonObject } from '../../json.ts';
import { ExitCode } from '../exit.ts';
import { parseItem } from '../item-text.ts';
import type { GlobalOptions } from '../project-access.ts';
import { keysOf, withTables } from '../table-access.ts';

export interface TablePutOptions extends GlobalOptions {
  readonly table: string;
  /** JSON. */
  readonly item: string;
  readonly ifAbsent?: boolean;
  readonly ddb?: boolean;
}

export function tablePut({ table, item, ifAbsent = false, ddb = false, ...options }: TablePutOptions): Promise<number> {
  const Item = parseItem(item, ddb, 'the item');
  return withTables({ ...options, table }, async (call) => {
    const { partition } = await keysOf(call, table);
    const condition = {
      ConditionExpression: 'attribute_not_exists(#key)',
      ExpressionAttributeNames: { '#key': partition.name },
    };
    try {
      await call('PutItem', { TableName: table, Item: Item as unknown as JsonObject, ...(ifAbsent && condition) });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'ConditionalCheckFailedException') throw error;
      process.stderr.write('An item with this key is there already; nothing was written.\n');
      return ExitCode.failed;
    }
    return ExitCode.ok;
  });
}
