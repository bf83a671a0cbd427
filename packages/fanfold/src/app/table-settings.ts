import type { LocalTablesParams } from '../services/dynamodb/tables.ts';
import type { ProjectDefinition, TableSettings } from './define-project.ts';

/** The tables of a project, as the table service takes them. */
export function tableSettings(definition: ProjectDefinition): Pick<LocalTablesParams, 'tables'> {
  const keyOf = (key: TableSettings['partitionKey']) =>
    typeof key === 'string' ? { name: key, type: 'S' as const } : key;
  return {
    tables: Object.entries(definition.tables ?? {}).map(([table, { partitionKey, sortKey, throughput }]) => ({
      table,
      partitionKey: keyOf(partitionKey),
      ...(sortKey !== undefined && { sortKey: keyOf(sortKey) }),
      ...(throughput && {
        throughput: {
          reads: throughput.readsPerSecond ?? 0,
          writes: throughput.writesPerSecond ?? 0,
          ...(throughput.burstSeconds !== undefined && { burstSeconds: throughput.burstSeconds }),
        },
      }),
    })),
  };
}
