/** `fanfold table ls`: the tables and their keys. */
import { isArray } from '../../json.ts';
import { ExitCode } from '../exit.ts';
import type { GlobalOptions } from '../project-access.ts';
import { keysOf, withTables } from '../table-access.ts';
import { formatTable } from '../table-text.ts';

export function tableLs({ json, ...options }: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  return withTables(options, async (call) => {
    const names: string[] = [];
    for (let start = {}; ;) {
      const { TableNames = [], LastEvaluatedTableName = null } = await call('ListTables', start);
      if (isArray(TableNames)) names.push(...TableNames.map(String));
      if (LastEvaluatedTableName === null) break;
      start = { ExclusiveStartTableName: LastEvaluatedTableName };
    }
    const rows = await Promise.all(
      names.map(async (name) => {
        const { partition, sort } = await keysOf(call, name);
        return { table: name, partitionKey: partition, ...(sort && { sortKey: sort }) };
      }),
    );
    const key = (one: { readonly name: string; readonly type: string } | undefined): string =>
      one ? `${one.name} (${one.type})` : '';
    process.stdout.write(
      json === true
        ? `${JSON.stringify(rows, null, 2)}\n`
        : formatTable(
            ['TABLE', 'PARTITION KEY', 'SORT KEY'],
            rows.map(({ table, partitionKey, sortKey }) => [table, key(partitionKey), key(sortKey)]),
          ),
    );
    return ExitCode.ok;
  });
}
