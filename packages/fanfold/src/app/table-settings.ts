import type { KeyAttribute } from '../ports/tables.ts';
import type { LocalTablesParams } from '../services/dynamodb/tables.ts';
import type { ProjectDefinition, TableSettings } from './define-project.ts';

/** A key as it is written, with its type. */
export function keyOf(key: TableSettings['partitionKey']): KeyAttribute {
  return typeof key === 'string' ? { name: key, type: 'S' } : key;
}

/** The tables of a project, as the table service takes them. */
export function tableSettings(definition: ProjectDefinition): Pick<LocalTablesParams, 'tables'> {
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
