/**
 * Run as a process of its own, to be killed: a distributed Map over the rows of a file, whose children call a function, and
 * whose results are written to files, on an engine with SQLite files and buckets on disk. Started again on the same
 * directory it goes on. On stdout: how it ended. Each call is told to `calls.log` in the directory, one row a line.
 *
 * Arguments: the directory, the number of rows, `STANDARD` or `EXPRESS`, and perhaps `append-results`: a planted bug.
 */
import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../app/system-clock.ts';
import { Value } from '../interpreter/value.ts';
import type { ResultSinks } from '../ports/result-sinks.ts';
import type { Service } from '../ports/services.ts';
import { createDriver, type DriverOptions } from '../runtimes/driver.ts';
import { createExpressStore } from '../runtimes/express-store.ts';
import { createMachines } from '../runtimes/machines/machines.ts';
import { forgetting } from '../runtimes/map-runs/child-runners.ts';
import { SMALL_PACKS } from '../runtimes/sqlite/packing.ts';
import { createSqliteStore } from '../runtimes/sqlite/store.ts';
import { createServices } from '../services/registry.ts';
import { createItemSources } from '../services/s3/item-sources.ts';
import { openLocalObjects } from '../services/s3/local.ts';
import { createResultSinks } from '../services/s3/result-sinks.ts';

const [directory = '', count = '100', type = 'STANDARD', planted = ''] = process.argv.slice(2);
const PLACE = { region: 'us-east-1', account: '000000000000' };
const BUCKET = 'files';
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:rows';
const RUN = 'arn:aws:states:us-east-1:000000000000:execution:rows:run';

const DEFINITION = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Label: 'Rows',
      MaxConcurrency: 20,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
        Parameters: { Bucket: BUCKET, Key: 'rows.csv' },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type },
        StartAt: 'Work',
        States: {
          Work: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:work', Next: 'Keep' },
          Keep: { Type: 'Pass', End: true },
        },
      },
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Parameters: { Bucket: BUCKET, Prefix: 'out' },
        WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSONL' },
      },
      End: true,
    },
  },
};

mkdirSync(directory, { recursive: true });
const { objects, close: closeObjects } = openLocalObjects({ directory, buckets: [BUCKET] });
const store = createSqliteStore({ directory, packs: SMALL_PACKS });
const machines = createMachines({ store, clock: systemClock, ...PLACE });

const lambda: Service = {
  perform: async ({ parameters }) => {
    const { n } = parameters.json as { readonly n: string };
    appendFileSync(join(directory, 'calls.log'), `${n}\n`);
    await new Promise(setImmediate);
    return { kind: 'succeeded', output: Value.ofJson({ n: 2 * Number(n) }) };
  },
};

/** Results of an earlier process are kept: who writes a file again writes behind them. */
function appending(sinks: ResultSinks): ResultSinks {
  return {
    ...sinks,
    write: async (params) => {
      const { SUCCEEDED } = params.results;
      if (!SUCCEEDED) return sinks.write(params);
      const log = join(directory, 'written.log');
      appendFileSync(log, 'x');
      const { size } = statSync(log);
      async function* repeated(): AsyncGenerator<readonly string[]> {
        for (let i = 0; i < size; i++) yield* (SUCCEEDED as NonNullable<typeof SUCCEEDED>)();
      }
      return sinks.write({ ...params, results: { ...params.results, SUCCEEDED: repeated } });
    },
  };
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

const sinks = createResultSinks({ objects });
const common: Omit<DriverOptions, 'store' | 'onClosed'> = {
  machines,
  clock: systemClock,
  logger: {
    info: () => {},
    warn: (text) => tell(text),
    error: (text, fields) => tell(`${text} ${String(fields?.['error'])}`),
  },
  tokenSecret: 'secret',
  seed: () => 7,
  services: () => createServices({ lambda }),
  itemSources: createItemSources({ objects, account: PLACE.account }),
  resultSinks: planted === 'append-results' ? appending(sinks) : sinks,
  onFatal: (error) => {
    tell(String(error));
    process.exit(3);
  },
};
const brief = createExpressStore();
const express = createDriver({ ...common, store: brief, onClosed: async () => {} });
const driver = createDriver({
  ...common,
  store,
  express: forgetting(express.brief, (executionArn) => brief.forget(executionArn)),
  onClosed: async () => {},
});

const rows = Array.from({ length: Number(count) }, (_, n) => `${n}\n`).join('');
if (!(await objects.head({ bucket: BUCKET, key: 'rows.csv' })))
  await objects.put({ bucket: BUCKET, key: 'rows.csv', body: `n\n${rows}` });
await machines.put({
  name: 'rows',
  definition: JSON.stringify(DEFINITION),
  roleArn: 'arn:aws:iam::000000000000:role/test',
  type: 'STANDARD',
});
await driver.recover();
await driver.executions.start({ stateMachineArn: MACHINE, name: 'run', input: '{}' }).catch((error: Error) => {
  // It has ended, and the process died before it said so.
  if (!/Already Exists/.test(error.message)) throw error;
});
const { status, output, error, cause } = await driver.executions.closed(RUN);
await driver.told();
process.stdout.write(`${JSON.stringify({ status, output: output?.text, error, cause })}\n`);
await driver.close();
await express.close();
await store.close();
await closeObjects();
