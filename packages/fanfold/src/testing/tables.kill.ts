/**
 * Run as a process of its own, to be killed: puts items without end, one and many at a time, and writes to a file which
 * were acknowledged: a pipe may be full. Arguments: the data directory, the file.
 */
import { openSync, writeSync } from 'node:fs';
import { openLocalTables } from '../services/dynamodb/tables.ts';

const [directory = '', file = ''] = process.argv.slice(2);
const acknowledged = openSync(file, 'a');
const table = 'plain';
const tables = await openLocalTables({ directory, tables: [{ table, partitionKey: { name: 'k', type: 'S' } }] });

async function ones(writer: number): Promise<void> {
  for (let n = writer; ; n += 10) {
    await tables.put({ table, item: { k: { S: `one ${n}` } } });
    writeSync(acknowledged, `one ${n}\n`);
  }
}

async function many(): Promise<void> {
  for (let n = 0; ; n++) {
    await tables.putMany({ table, items: Array.from({ length: 50 }, (_, i) => ({ k: { S: `many ${n} ${i}` } })) });
    writeSync(acknowledged, `many ${n}\n`);
  }
}

await Promise.all([many(), ...[0, 1, 2, 3].map(ones)]);
