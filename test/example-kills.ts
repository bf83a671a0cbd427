/**
 * What must be the same of each example's run, whether it was killed or not. A run that was killed when all was done is over,
 * and the next start is another run: names and ids that follow from a run are not compared.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApp, type Item, loadProject, silentLogger } from 'fanfold';
import { expect } from 'vitest';
import { confirmationId } from '../examples/order-confirmation/orders/confirmation.ts';
import type { ExampleReport } from './example.ts';
import type { Compare, Ended } from './example-kill.ts';
import { mailsIn } from './order-intake.ts';

interface WithOutput extends ExampleReport {
  readonly output: string;
}

interface StudentsReport extends ExampleReport {
  readonly newRecords: number;
  readonly replacedRecords: number;
  readonly errors: readonly string[];
  readonly mails: string;
}

interface CallsReport extends ExampleReport {
  readonly calls: readonly string[];
}

/** Of every example: it succeeds, and what it has read has come to the same. */
function compareAccounts({ report: calm }: Ended<ExampleReport>, { report: killed }: Ended<ExampleReport>): void {
  const { read, written, filtered, rejected } = calm;
  expect(killed).toMatchObject({
    status: 'SUCCEEDED',
    ...(read !== undefined && { read, written, filtered, rejected }),
  });
}

/** The output, byte for byte. */
export const compareOutputs: Compare<WithOutput> = (calm, killed) => {
  compareAccounts(calm, killed);
  expect(readFileSync(killed.report.output).equals(readFileSync(calm.report.output))).toBe(true);
};

/** Each item was handed to the function once, in order. */
export const compareCalls: Compare<CallsReport> = (calm, killed) => {
  compareAccounts(calm, killed);
  const payloads = ({ report }: Ended<CallsReport>): string[] =>
    report.calls.map((call) => call.replace(/^\S+ s {2}/, ''));
  expect(payloads(killed)).toEqual(payloads(calm));
};

/** The same items, errors, and a mail for each run; the files are in the archive. */
export const compareStudents: Compare<StudentsReport> = async (calm, killed) => {
  expect(killed.report.errors).toEqual(calm.report.errors);
  const all = ({ report }: Ended<StudentsReport>): number => report.newRecords + report.replacedRecords;
  expect(all(killed)).toBe(all(calm));
  const runs = mailsIn(killed.report.mails).length;
  // A load that was cut off and is done again finds what it has put itself, and counts it as new all the same.
  if (runs === 1) expect(killed.report.newRecords).toBe(calm.report.newRecords);
  const { keys } = await compareItems(calm, killed);
  expect(keys['inbound-file-drop']).toEqual([]);
  expect(keys['error-bucket']).toEqual([]);
  expect(keys['archival-bucket']?.length).toBe(runs);
};

/** As the state machine's, but what the batch tells and where it puts files. */
export const compareStudentsOfBatch: Compare<StudentsReport> = async (calm, killed) => {
  const { keys } = await compareItems(calm, killed);
  const files = keys['batch-file-drop'] ?? [];
  expect(files.filter((key) => /^(in|error)\//.test(key))).toEqual([]);
  const archived = files.filter((key) => key.startsWith('archive/'));
  expect(archived.length).toBe(mailsIn(killed.report.mails).length);
};

/** All but the run that has put an item. */
async function compareItems(calm: Ended<ExampleReport>, killed: Ended<ExampleReport>): Promise<Look> {
  compareAccounts(calm, killed);
  const [expected, found] = [await look('student-files', calm), await look('student-files', killed)];
  const bare = (items: readonly Item[]): Item[] => items.map((item) => ({ ...item, batch_id: { NULL: true } }));
  expect(bare(found.items)).toEqual(bare(expected.items));
  return found;
}

/** Those of the state machines that are started by hand: their runs' ids are known. */
export const compareConfirmationsByHand: Compare<WithOutput> = async (calm, killed) => {
  await compareConfirmations(calm, killed);
  const run = /-(\d+)\.csv/.exec(killed.report.output)?.[1];
  for (const [order = '', id] of linesOf(killed)) expect(id).toBe(confirmationId(`run-${run}`, order));
};

/** Every order is in the output, in the input's order, with an id of its own, and in the table with the same. */
export const compareConfirmations: Compare<WithOutput> = async (calm, killed) => {
  compareAccounts(calm, killed);
  const [expected, output] = [linesOf(calm), linesOf(killed)];
  expect(output.map(([order]) => order)).toEqual(expected.map(([order]) => order));
  const { items } = await look('order-confirmation', killed);
  expect(items.length).toBe(output.length);
  expect(new Set(output.map(([, id]) => id)).size).toBe(output.length);
  const stored = new Map(items.map((item) => [textOf(item, 'OrderId'), textOf(item, 'ConfirmationId')]));
  for (const [order, id] of output) expect(stored.get(order ?? '')).toBe(id);
};

function linesOf({ report }: Ended<WithOutput>): string[][] {
  const lines = readFileSync(report.output, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(','));
}

function textOf(item: Item, name: string): string | undefined {
  const value = item[name];
  return value && 'S' in value ? value.S : undefined;
}

const TABLES: Readonly<Record<string, string>> = {
  'student-files': 'PRELIM_STUDENT_DATA',
  'order-confirmation': 'Order',
};

interface Look {
  readonly items: readonly Item[];
  /** By bucket. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/** What the table and the buckets of a run hold, once nothing is under way. */
async function look(name: string, { directory }: Ended<ExampleReport>): Promise<Look> {
  const project = await loadProject(join(import.meta.dirname, '..', 'examples', name));
  const app = await createApp({ project, logger: silentLogger, dataDirectory: directory });
  try {
    await app.settled();
    const items: Item[] = [];
    for (let after: Item | undefined; ;) {
      const page = await app.tables.scan({ table: TABLES[name] ?? '', ...(after && { after }) });
      items.push(...page.items);
      after = page.next;
      if (!after) break;
    }
    const buckets = Object.keys(project.definition.buckets ?? {});
    const keys = await Promise.all(
      buckets.map(
        async (bucket) => [bucket, (await app.objects.list({ bucket })).objects.map(({ key }) => key)] as const,
      ),
    );
    return { items, keys: Object.fromEntries(keys) };
  } finally {
    await app.close();
  }
}
