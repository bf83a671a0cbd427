/**
 * Upserts into a table through BatchWriteItem, 25 items of some 200 bytes a request: in process, by the words of the API, and on the
 * wire, by a client with 8 connections that signs nothing. Half of the items are there already. Then the engine's commits, as
 * `commit-latency` takes them, alone and while such a load runs in the same process: p99 is to stay.
 *
 * Not measured: AWS's own clients (signing and their layers cost more than the server), other sizes of items, a full disk.
 *
 *     npm run bench -- tables [--items 50000] [--executions 2000]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { Value } from '../packages/fanfold/src/interpreter/value.ts';
import type { JsonObject } from '../packages/fanfold/src/json.ts';
import type { Store } from '../packages/fanfold/src/ports/store.ts';
import { createSqliteStore } from '../packages/fanfold/src/runtimes/sqlite/store.ts';
import { openLocalTables } from '../packages/fanfold/src/services/dynamodb/tables.ts';
import { FUNCTION, openEngine } from './engine.ts';

const TABLE = 'orders';
const PER_REQUEST = 25;
const AT_ONCE = 8;

const { values: options } = parseArgs({
  options: { items: { type: 'string', default: '50000' }, executions: { type: 'string', default: '2000' } },
});
const items = Number(options.items);
const executions = Number(options.executions);
const root = mkdtempSync(join(tmpdir(), 'fanfold-tables-'));

type Call = (action: string, request: JsonObject) => Promise<JsonObject>;

const CREATE = {
  TableName: TABLE,
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
};

function batchOf(first: number, count: number): JsonObject {
  const requests = Array.from({ length: count }, (_, i) => {
    const n = first + i;
    const Item = {
      id: { S: String(n).padStart(9, '0') },
      region: { S: 'Sub-Saharan Africa' },
      note: { S: 'x'.repeat(120) },
      units: { N: String(n % 10_000) },
      paid: { BOOL: n % 2 === 0 },
    };
    return { PutRequest: { Item } };
  });
  return { RequestItems: { [TABLE]: requests } };
}

/** Each item is written twice. @returns seconds */
async function upsert(call: Call, count: number, stop: () => boolean = () => false): Promise<number> {
  const began = performance.now();
  for (let round = 0; round < 2; round++) {
    let next = 0;
    const writer = async (): Promise<void> => {
      while (next < count && !stop()) {
        const first = next;
        next += PER_REQUEST;
        const answer = await call('BatchWriteItem', batchOf(first, Math.min(PER_REQUEST, count - first)));
        if (Object.keys(answer['UnprocessedItems'] as object).length > 0) throw new Error('not all was taken');
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, writer));
  }
  return (performance.now() - began) / 1000;
}

async function countOf(call: Call): Promise<number> {
  let count = 0;
  for (let start: JsonObject = {}; ;) {
    const { Count, LastEvaluatedKey } = await call('Scan', { TableName: TABLE, Select: 'COUNT', ...start });
    count += Number(Count);
    if (LastEvaluatedKey === undefined) return count;
    start = { ExclusiveStartKey: LastEvaluatedKey };
  }
}

async function inProcess(): Promise<string> {
  const tables = await openLocalTables({ directory: join(root, 'in-process'), tables: [] });
  const { call } = tables.api;
  await call('CreateTable', CREATE);
  const cpu = process.cpuUsage();
  const seconds = await upsert(call, items);
  const { user, system } = process.cpuUsage(cpu);
  if ((await countOf(call)) !== items) throw new Error('items are missing');
  await tables.close();
  return row('in process', seconds, (user + system) / 1e6);
}

async function onTheWire(): Promise<string> {
  const launcher = join(import.meta.dirname, '..', 'packages', 'fanfold', 'bin', 'fanfold.js');
  const args = [launcher, 'serve', '--json', '--port', '0', '--data', join(root, 'wire')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: root });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { endpoint } = JSON.parse(line) as { endpoint: string };
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const call: Call = async (action, body) => {
    const outgoing = request(endpoint, {
      agent,
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.0',
        'X-Amz-Target': `DynamoDB_20120810.${action}`,
        Authorization: 'AWS4-HMAC-SHA256 Credential=bench',
      },
    });
    outgoing.end(JSON.stringify(body));
    const [incoming] = await once(outgoing, 'response');
    const answer = (await json(incoming)) as JsonObject;
    if (incoming.statusCode !== 200) throw new Error(JSON.stringify(answer));
    return answer;
  };
  await call('CreateTable', CREATE);
  const cpu = process.cpuUsage();
  const seconds = await upsert(call, items);
  const { user, system } = process.cpuUsage(cpu);
  if ((await countOf(call)) !== items) throw new Error('items are missing');
  agent.destroy();
  child.kill();
  await once(child, 'close');
  return row('on the wire (CPU of the client)', seconds, (user + system) / 1e6);
}

function row(name: string, seconds: number, cpu: number): string {
  const count = items * 2;
  return `| ${name} | ${Math.round(count / seconds)} | ${((cpu / count) * 1e6).toFixed(1)} |`;
}

/** Commits of the engine, with a load on a table beside them or without. */
async function commits(load: boolean): Promise<string> {
  const directory = join(root, `commits-${load}`);
  const latencies: number[] = [];
  const sqlite = createSqliteStore({ directory });
  const timed =
    <Args extends readonly unknown[], T>(write: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      const began = performance.now();
      const result = await write(...args);
      latencies.push(performance.now() - began);
      return result;
    };
  const store: Store = { ...sqlite, create: timed(sqlite.create), commit: timed(sqlite.commit) };
  const { put, run, close } = openEngine({
    store,
    perform: async () => ({ kind: 'succeeded', output: Value.ofJson({ answer: 'x'.repeat(2000) }) }),
  });
  const machine = await put('three', {
    StartAt: 'A',
    States: {
      A: { Type: 'Task', Resource: FUNCTION, Next: 'B' },
      B: { Type: 'Task', Resource: FUNCTION, Next: 'C' },
      C: { Type: 'Task', Resource: FUNCTION, End: true },
    },
  });
  const tables = await openLocalTables({ directory, tables: [] });
  await tables.api.call('CreateTable', CREATE);
  let done = false;
  const beside = load ? upsert(tables.api.call, 10_000_000, () => done) : Promise.resolve(0);
  let next = 0;
  const runner = async (): Promise<void> => {
    while (next++ < executions) await run(machine, '{}');
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: 20 }, runner));
  const seconds = (performance.now() - began) / 1000;
  done = true;
  await beside;
  const written = load ? await countOf(tables.api.call) : 0;
  await close();
  await tables.close();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (q: number): string => (sorted[Math.floor(sorted.length * q)] ?? 0).toFixed(2);
  const name = load ? `beside ${Math.round(written / seconds)} new items/s` : 'alone';
  return `| ${name} | ${Math.round((executions * 3) / seconds)} | ${at(0.5)} | ${at(0.99)} | ${(sorted.at(-1) ?? 0).toFixed(2)} |`;
}

try {
  console.log(`Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, ${items} items, each written twice\n`);
  console.log('| BatchWriteItem | items/s | CPU µs an item |\n|---|---|---|');
  console.log(await inProcess());
  console.log(await onTheWire());
  console.log('\n| commits of the engine | tasks/s | p50 ms | p99 ms | max ms |\n|---|---|---|---|---|');
  console.log(await commits(false));
  console.log(await commits(true));
} finally {
  rmSync(root, { recursive: true, force: true });
}
