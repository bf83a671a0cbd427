/**
 * Runs the example end to end: makes an input and its lookup table, drops the input into the bucket, waits until its
 * trigger's workflow has ended, and prints what happened. A run that was cut off is found and finished.
 */
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type App, createApp, type Execution, type Logger, loadProject, stateMachineArn } from 'fanfold';
import { financialItem, generateOrders } from './generate.ts';
import { beginRun, endRun, type PlannedRun, unfinishedRun } from './run/planned-run.ts';
import { formatReport, reportOn } from './run/report.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const BUCKET = 'source-bucket';
const MAIN = 'BlogBatchMainOrchestrator';
/** Items of the lookup table that are put at once. */
const LOAD_BATCH = 1000;

const { values: options } = parseArgs({
  options: {
    records: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    /** Where the data, the mails and the output go. */
    directory: { type: 'string', default: HERE },
  },
});

/** Warnings and errors go to stderr; the rest is told by the report. */
const logger: Logger = {
  info: () => {},
  warn: (message) => process.stderr.write(`warning: ${message}\n`),
  error: (message, fields) => process.stderr.write(`error: ${message} ${JSON.stringify(fields ?? {})}\n`),
};

process.exitCode = await main();

async function main(): Promise<number> {
  const { directory } = options;
  const project = await loadProject(HERE);
  const app = await createApp({ project, logger, ...(directory !== HERE && { dataDirectory: directory }) });
  try {
    const unfinished = await unfinishedRun(directory);
    const planned =
      unfinished ?? (await beginRun(directory, { records: Number(options.records), seed: Number(options.seed) }));
    say(
      unfinished
        ? `Going on with run ${planned.number}, which was cut off.`
        : `Run ${planned.number}: ${planned.records} records.`,
    );
    const execution = await finish(app, planned);
    const report = await reportOn(app, execution, planned, `${directory}/work`);
    await endRun(directory);
    process.stdout.write(
      options.json ? `${JSON.stringify(report)}\n` : formatReport(report, (path) => relative(process.cwd(), path)),
    );
    return report.read === report.written + report.filtered + report.rejected && execution.status === 'SUCCEEDED'
      ? 0
      : 1;
  } finally {
    await app.close();
  }
}

/** Brings the run to its end, from wherever it stands. */
async function finish(app: App, planned: PlannedRun): Promise<Execution> {
  const key = `input/${planned.fileName}`;
  await app.settled();
  let found = await findExecution(app, key);
  if (!found) {
    await drop(app, planned, key);
    await app.settled();
    found = await findExecution(app, key);
  }
  if (!found) throw new Error(`Dropping ${key} started no execution.`);
  const closed = await Promise.race([app.executions.closed(found), app.failed.then((error) => Promise.reject(error))]);
  await app.settled();
  return closed;
}

async function findExecution(app: App, key: string): Promise<string | undefined> {
  const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn(MAIN), limit: 1000 });
  return executions.find(({ origin }) => origin?.kind === 'object' && origin.key === key)?.arn;
}

/** Loads the lookup table and puts the input, which its trigger then takes up. */
async function drop(app: App, { records, seed }: PlannedRun, key: string): Promise<void> {
  const orders = generateOrders({ records, seed, planted: true });
  say(`Loading the lookup table.`);
  let batch: ReturnType<typeof financialItem>[] = [];
  for (const record of orders.financials()) {
    batch.push(financialItem(record));
    if (batch.length < LOAD_BATCH) continue;
    await app.tables.putMany({ table: 'FinancialTable', items: batch });
    batch = [];
  }
  if (batch.length > 0) await app.tables.putMany({ table: 'FinancialTable', items: batch });
  say(`Dropping ${key} into ${BUCKET}.`);
  await app.objects.put({ bucket: BUCKET, key, body: encoded(orders.csv()), contentType: 'text/csv' });
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}
