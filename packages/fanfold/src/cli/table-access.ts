/** Reaches a project's tables: through the server that holds its directory, or by opening the directory. */
import { UsageError } from './exit.ts';
import { createApp } from '../app/load-app.ts';
import { loadProject } from '../app/load-project.ts';
import type { JsonObject } from '../json.ts';
import { isArray, isObject, member } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { AttributeValue, Item, KeyType, TableApi } from '../ports/tables.ts';
import { dataDirectory, findServer, type GlobalOptions } from './project-access.ts';
import { createTextLogger } from './text-logger.ts';

export interface TableAccess {
  readonly call: TableApi['call'];
  close(): Promise<void>;
}

/** @throws ServiceError what `work` throws; of a table that is not there it says which there are */
export async function withTables<T>(
  options: GlobalOptions & { readonly table?: string },
  use: (call: TableApi['call']) => Promise<T>,
): Promise<T> {
  const project = await loadProject(options.directory);
  const url = await findServer(project, options);
  const work = (call: TableApi['call']): Promise<T> =>
    use(call).catch(async (error: unknown) => {
      if (!(error instanceof ServiceError && error.code === 'ResourceNotFoundException') || !options.table) throw error;
      const { TableNames = [] } = await call('ListTables', {});
      const names = isArray(TableNames) ? TableNames.join(', ') : '';
      const message = `There is no table ${options.table}. There are: ${names || 'none'}.`;
      throw new ServiceError(error.code, message, error.status);
    });
  if (url) {
    const { createRemoteTables } = await import('../server/client.ts');
    return work(createRemoteTables(url).call);
  }
  const logger = createTextLogger({ quiet: true });
  const app = await createApp({ project, logger, still: true, ...dataDirectory(options) });
  try {
    return await work(app.tableApi.call);
  } finally {
    await app.close();
  }
}

export interface TableKey {
  readonly name: string;
  readonly type: KeyType;
}

/** @throws ServiceError ResourceNotFoundException */
export async function keysOf(
  call: TableApi['call'],
  table: string,
): Promise<{ readonly partition: TableKey; readonly sort?: TableKey }> {
  const { Table = {} } = await call('DescribeTable', { TableName: table });
  const schema = isObject(Table) ? member(Table, 'KeySchema') : undefined;
  const definitions = isObject(Table) ? member(Table, 'AttributeDefinitions') : undefined;
  const named = (kind: string): TableKey | undefined => {
    const found = isArray(schema) ? schema.find((one) => isObject(one) && one['KeyType'] === kind) : undefined;
    const name = isObject(found) ? String(found['AttributeName']) : undefined;
    if (name === undefined) return undefined;
    const typed = isArray(definitions)
      ? definitions.find((one) => isObject(one) && one['AttributeName'] === name)
      : undefined;
    return { name, type: (isObject(typed) ? typed['AttributeType'] : 'S') as KeyType };
  };
  const partition = named('HASH');
  if (!partition)
    throw new UsageError(`The table ${table} has no partition key: it is none of a Fanfold of this version.`);
  const sort = named('RANGE');
  return { partition, ...(sort && { sort }) };
}

/** A word of the command line as a key's value. */
export function keyValue({ type }: TableKey, text: string): AttributeValue {
  return { [type]: text } as unknown as AttributeValue;
}

/** All pages of a query or a scan. */
export async function* pages(
  call: TableApi['call'],
  action: 'Query' | 'Scan',
  request: JsonObject,
): AsyncGenerator<readonly Item[]> {
  for (let start: JsonObject = {}; ;) {
    const { Items = [], LastEvaluatedKey = null } = await call(action, { ...request, ...start });
    yield Items as unknown as readonly Item[];
    if (LastEvaluatedKey === null) return;
    start = { ExclusiveStartKey: LastEvaluatedKey };
  }
}

/** Waits out what a table does not take at once. */
export const FIRST_PAUSE_MS = 50;
export const LONGEST_PAUSE_MS = 5000;

export function isThrottled(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'ProvisionedThroughputExceededException';
}
