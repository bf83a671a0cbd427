/** `fanfold table load`: the records of a file as items, 25 at a time; what the table has no room for now is sent again. */
import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { AttributeValue, Item, TableApi } from '../../ports/tables.ts';
import { openCsv } from '../../records/csv/read.ts';
import { ExitCode, UsageError } from '../exit.ts';
import { parseItem } from '../item-text.ts';
import { sizeOfFile } from '../input-file.ts';
import type { GlobalOptions } from '../project-access.ts';
import { FIRST_PAUSE_MS, isThrottled, keysOf, LONGEST_PAUSE_MS, withTables } from '../table-access.ts';

export interface TableLoadOptions extends GlobalOptions {
  readonly table: string;
  readonly file: string;
  /** Columns of a CSV file, separated by commas. */
  readonly numbers?: string;
  readonly ddb?: boolean;
  readonly json?: boolean;
}

const AT_ONCE = 25;

export async function tableLoad(options: TableLoadOptions): Promise<number> {
  const { table, json = false } = options;
  await sizeOfFile(options.file);
  return withTables(options, async (call) => {
    const { partition, sort } = await keysOf(call, table);
    const names = [partition.name, ...(sort ? [sort.name] : [])];
    const keyOf = ({ item, place }: PlacedItem): string => {
      const missing = names.find((name) => item[name] === undefined);
      if (missing === undefined) return JSON.stringify(names.map((name) => item[name]));
      throw new UsageError(`${place}: there is no ${missing}, which is a key of ${table}.`);
    };
    let read = 0;
    // Of records with the same key the last one stays; one request may not have two of them.
    let batch = new Map<string, PlacedItem>();
    const flush = async (): Promise<void> => {
      const placed = [...batch.values()];
      if (placed.length > 0)
        await write(
          call,
          table,
          placed.map(({ item }) => item),
        ).catch(refusedAt(placed));
      batch = new Map();
    };
    for await (const item of itemsOf(options)) {
      const key = keyOf(item);
      read += 1;
      // Moved to its place in the file.
      batch.delete(key);
      batch.set(key, item);
      if (batch.size === AT_ONCE) await flush();
    }
    await flush();
    process.stdout.write(
      json ? `${JSON.stringify({ table, records: read })}\n` : `${read} records loaded into ${table}.\n`,
    );
    return ExitCode.ok;
  });
}

interface PlacedItem {
  readonly item: Item;
  /** File and line. */
  readonly place: string;
}

/** Says in which records of the file it is that the table does not take. */
function refusedAt([first, ...others]: readonly PlacedItem[]): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ServiceError)) throw error;
    const also = others.length === 0 ? '' : ` or one of the ${others.length} records that were sent with it`;
    throw new ServiceError(error.code, `${first?.place}${also}: ${error.message}`, error.status);
  };
}

async function write(call: TableApi['call'], table: string, items: readonly Item[]): Promise<void> {
  let requests: Json = items.map((Item) => ({ PutRequest: { Item: Item as unknown as JsonObject } }));
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      const { UnprocessedItems = {} } = await call('BatchWriteItem', { RequestItems: { [table]: requests } });
      const left = isObject(UnprocessedItems) ? UnprocessedItems[table] : undefined;
      if (!isArray(left) || left.length === 0) return;
      if (left.length < (isArray(requests) ? requests.length : 0)) pause = FIRST_PAUSE_MS;
      requests = left;
    } catch (error) {
      if (!isThrottled(error)) throw error;
    }
    await sleep(pause);
  }
}

const DELIMITERS: Readonly<Record<string, string>> = { '.csv': ',', '.tsv': '\t' };

/** @throws Error saying what is wrong, and where; nothing of the file is guessed at */
async function* itemsOf({ file, numbers = '', ddb = false }: TableLoadOptions): AsyncGenerator<PlacedItem> {
  const extension = extname(file).toLowerCase();
  const delimiter = DELIMITERS[extension];
  if (delimiter !== undefined)
    yield* csvItems(file, delimiter, new Set(numbers.split(',').filter((name) => name !== '')));
  else if (['.jsonl', '.ndjson'].includes(extension)) yield* jsonItems(file, ddb);
  else throw new UsageError(`${file}: a .csv, .tsv, .jsonl or .ndjson file is needed.`);
}

async function* jsonItems(file: string, typed: boolean): AsyncGenerator<PlacedItem> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    const place = `${file}:${line}`;
    if (text.trim() !== '') yield { item: parseItem(text, typed, place), place };
  }
}

async function* csvItems(file: string, delimiter: string, numbers: ReadonlySet<string>): AsyncGenerator<PlacedItem> {
  const { header, batches } = await openCsv(createReadStream(file), { delimiter });
  for (const name of numbers)
    if (!header.includes(name)) throw new UsageError(`${file} has no column '${name}'. It has ${header.join(', ')}.`);
  for await (const entries of batches)
    for (const entry of entries) {
      if (entry.kind === 'reject') throw new UsageError(`${file}:${entry.line}: ${entry.reason}`);
      const place = `${file}:${entry.line}`;
      yield { item: itemOf(header, entry.fields, numbers, place), place };
    }
}

function itemOf(
  header: readonly string[],
  fields: readonly string[],
  numbers: ReadonlySet<string>,
  place: string,
): Item {
  return Object.fromEntries(
    header.map((name, i): [string, AttributeValue] => {
      const text = fields[i] ?? '';
      if (!numbers.has(name)) return [name, { S: text }];
      if (text.trim() === '' || !Number.isFinite(Number(text)))
        throw new UsageError(`${place}: '${text}' in the column ${name} is no number`);
      return [name, { N: text.trim() }];
    }),
  );
}
