import type { TableDescription } from '../ports/tables.ts';
import type { ProjectDefinition, TableSettings } from './define-project.ts';

/** The tables of a project, as the table service takes them. */
export function tableDescriptions(definition: ProjectDefinition): readonly TableDescription[] {
  const keyOf = (key: TableSettings['partitionKey']) =>
    typeof key === 'string' ? { name: key, type: 'S' as const } : key;
  return Object.entries(definition.tables ?? {}).map(([table, { partitionKey, sortKey }]) => ({
    table,
    partitionKey: keyOf(partitionKey),
    ...(sortKey !== undefined && { sortKey: keyOf(sortKey) }),
  }));
}
