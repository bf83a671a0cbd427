import type { App } from 'fanfold';
import { LISTS_BUCKET } from './list-batch.ts';
import type { TableMapConfig } from './project.ts';

/** Drops the table's list as a file, as `aws dynamodb get-item` prints it. */
export async function dropList(
  { tables, objects }: Pick<App, 'tables' | 'objects'>,
  { tableName, partitionKeyName, partitionKeyValueField }: TableMapConfig['ddb'],
  key: string,
): Promise<void> {
  const item = await tables.get({ table: tableName, key: { [partitionKeyName]: { S: partitionKeyValueField } } });
  await objects.put({ bucket: LISTS_BUCKET, key, body: JSON.stringify({ Item: item }) });
}
