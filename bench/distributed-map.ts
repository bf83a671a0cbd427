/**
 * A distributed Map over a CSV file: each row a child of 3 Pass states, no batcher. EXPRESS children with a ResultWriter
 * and with their outputs as the Map's result, and STANDARD children with a ResultWriter. Each in a process of its own, which
 * tells its peak memory. Checked: the outputs of all rows, in the order of the file.
 *
 * Not measured: functions and worker threads, HTTP, other work beside it.
 *
 * Items: 1,000,000 and a tenth of them STANDARD, or as the first argument says.
 */
import { fork } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMachines } from '../packages/fanfold/src/runtimes/machines/machines.ts';
import { createRuntime } from '../packages/fanfold/src/runtimes/runtime.ts';
import { createSqliteStore } from '../packages/fanfold/src/runtimes/sqlite/store.ts';
import { createItemSources } from '../packages/fanfold/src/services/s3/item-sources.ts';
import { openLocalObjects } from '../packages/fanfold/src/services/s3/local.ts';
import { createResultSinks } from '../packages/fanfold/src/services/s3/result-sinks.ts';
import { keepYoungGenerationSmall } from '../packages/fanfold/src/cli/young-generation.ts';
import { systemClock } from '../packages/fanfold/src/app/system-clock.ts';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const BUCKET = 'bench';

interface Case {
  readonly type: 'EXPRESS' | 'STANDARD';
  readonly writes: boolean;
  readonly items: number;
}

function definition({ type, writes }: Case): string {
  const pass = (Next?: string): object => ({ Type: 'Pass', ...(Next ? { Next } : { End: true }) });
  return JSON.stringify({
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
          Parameters: { Bucket: BUCKET, Key: 'rows.csv' },
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type },
          StartAt: 'A',
          States: { A: pass('B'), B: pass('C'), C: pass() },
        },
        ...(writes && {
          ResultWriter: {
            Resource: 'arn:aws:states:::s3:putObject',
            WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSONL' },
            Parameters: { Bucket: BUCKET, Prefix: 'out' },
          },
        }),
        End: true,
      },
    },
  });
}

const rowOf = (n: number): { id: string; amount: string; city: string } => ({
  id: String(n),
  amount: String((n * 7919) % 10_007),
  city: `City ${n % 97}`,
});

async function* rows(items: number): AsyncGenerator<Uint8Array> {
  let text = 'id,amount,city\n';
  for (let n = 0; n < items; n++) {
    text += `${Object.values(rowOf(n)).join(',')}\n`;
    if (text.length < 65_536) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/** Of all outputs, each on a line. */
function wantedHash(items: number): string {
  const hash = createHash('sha256');
  for (let n = 0; n < items; n++) hash.update(`${JSON.stringify(rowOf(n))}\n`);
  return hash.digest('hex');
}

async function measure(one: Case): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-map-'));
  try {
    const local = openLocalObjects({ directory, buckets: [BUCKET] });
    await local.objects.put({ bucket: BUCKET, key: 'rows.csv', body: rows(one.items) });
    const store = createSqliteStore({ directory });
    const machines = createMachines({ store, clock: systemClock, ...PLACE });
    const runtime = createRuntime({
      store,
      machines,
      services: () => ({ perform: async () => ({ kind: 'failed', error: 'None' }) }),
      clock: systemClock,
      logger: { info: () => {}, warn: () => {}, error: console.error },
      seed: () => randomInt(2 ** 31),
      itemSources: createItemSources({ objects: local.objects, account: PLACE.account }),
      resultSinks: createResultSinks({ objects: local.objects }),
      ...PLACE,
      tokenSecret: 'bench',
      onClosed: async () => {},
      onFatal: (error) => console.error(error),
    });
    const { arn } = await machines.put({
      name: 'bench',
      definition: definition(one),
      roleArn: 'arn:aws:iam::000000000000:role/bench',
      type: 'STANDARD',
    });
    const began = performance.now();
    const { executionArn } = await runtime.executions.start({ stateMachineArn: arn });
    const { status, output, cause } = await runtime.executions.closed(executionArn);
    const seconds = (performance.now() - began) / 1000;
    const megabytes = process.resourceUsage().maxRSS / 1024;
    if (status !== 'SUCCEEDED' || !output) throw new Error(`${status}: ${cause}`);
    const hash = createHash('sha256');
    if (one.writes) {
      const { objects } = await local.objects.list({ bucket: BUCKET, prefix: 'out/' });
      const key = objects.find((object) => object.key.endsWith('SUCCEEDED_0.jsonl'))?.key ?? '';
      for await (const chunk of (await local.objects.get({ bucket: BUCKET, key })).body) hash.update(chunk);
    } else for (const each of output.json as unknown[]) hash.update(`${JSON.stringify(each)}\n`);
    if (hash.digest('hex') !== wantedHash(one.items)) throw new Error('The outputs are not those of the rows');
    await runtime.close();
    await store.close();
    const disk = readdirSync(directory)
      .filter((file) => file.startsWith('engine.db'))
      .reduce((sum, file) => sum + statSync(join(directory, file)).size, 0);
    await local.close();
    const rate = Math.round(one.items / seconds);
    return `| ${one.type} | ${one.writes ? 'ResultWriter' : 'output'} | ${one.items} | ${seconds.toFixed(1)} | ${rate} | ${megabytes.toFixed(0)} | ${(disk / 1e6).toFixed(0)} |`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const told = process.argv[3];
if (told !== undefined) {
  // As `fanfold serve` does.
  keepYoungGenerationSmall();
  console.log(await measure(JSON.parse(told) as Case));
} else {
  const items = Number(process.argv[2] ?? 1_000_000);
  console.log('| children | results | items | seconds | items/s | peak MB | engine.db MB |');
  console.log('|---|---|---|---|---|---|---|');
  for (const one of [
    { type: 'EXPRESS', writes: true, items },
    { type: 'EXPRESS', writes: false, items },
    { type: 'STANDARD', writes: true, items: Math.ceil(items / 10) },
  ])
    await new Promise((resolve) =>
      fork(import.meta.filename, [String(items), JSON.stringify(one)]).once('exit', resolve),
    );
}
