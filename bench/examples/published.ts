/** Two systems at the sizes that their authors have measured, both ways. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp, loadProject, silentLogger, stateMachineArn } from 'fanfold';
import { EXAMPLES, type Measured, runExample } from './run-example.ts';
import { type StateTime, stateTimes } from './state-times.ts';

interface System {
  readonly example: string;
  readonly records: number;
  readonly published: string;
  readonly ways: readonly Way[];
}

interface Way {
  readonly as: 'machines' | 'batch';
  readonly args: readonly string[];
  readonly stateMachine: string;
  /** What it starts for each chunk. */
  readonly child?: string;
}

const SYSTEMS: readonly System[] = [
  {
    example: 'order-intake',
    records: 100_000,
    published: '7 minutes',
    ways: [
      { as: 'batch', args: ['--as', 'batch'], stateMachine: 'OrderIntakeBatch' },
      { as: 'machines', args: [], stateMachine: 'BlogBatchMainOrchestrator', child: 'BlogBatchProcessChunk' },
    ],
  },
  {
    example: 'order-confirmation',
    records: 1_000_000,
    published: '189 s with a job for each piece, 545 s in one job',
    ways: [
      { as: 'batch', args: ['--as', 'batch'], stateMachine: 'OrderConfirmationBatch' },
      { as: 'machines', args: [], stateMachine: 'OrderConfirmation' },
      { as: 'machines', args: ['--machine', 'single'], stateMachine: 'OrderConfirmationSingle' },
    ],
  },
];

/** @param share of the records, from 0 to 1 */
export async function published(share: number): Promise<void> {
  for (const { example, records, published: theirs, ways } of SYSTEMS) {
    const count = Math.max(10, Math.round(records * share));
    console.log(
      `\n## ${example}, ${count.toLocaleString('en-US')} records\n\nThe original: ${theirs} for ${records.toLocaleString('en-US')}.\n`,
    );
    for (const way of ways) await measure(example, way, count);
  }
}

async function measure(example: string, way: Way, records: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-bench-'));
  try {
    const script = join(EXAMPLES, example, 'run.ts');
    const measured = await runExample(
      script,
      ['--directory', directory, '--records', String(records), ...way.args],
      records,
    );
    console.log(`${[way.as, ...way.args].join(' ')}: ${summary(measured)}\n`);
    await showStates(example, directory, way);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function summary({ seconds, wallSeconds, cpuSeconds, read, transitions, jobs = 0, jobSeconds = 0 }: Measured): string {
  const rate = Math.round(read / seconds).toLocaleString('en-US');
  const ran = jobs > 0 ? `, ${jobs} jobs of ${jobSeconds.toFixed(1)} s together` : '';
  return `${seconds.toFixed(1)} s, ${rate} records/s, ${transitions.toLocaleString('en-US')} transitions${ran}; the whole command, data and all, ${wallSeconds.toFixed(1)} s and ${cpuSeconds.toFixed(1)} CPU-seconds`;
}

/** Children are many and alike: of these every n-th is looked at. */
const MOST_CHILDREN = 10;

async function showStates(example: string, directory: string, { stateMachine, child }: Way): Promise<void> {
  const project = await loadProject(join(EXAMPLES, example));
  const app = await createApp({ project, logger: silentLogger, dataDirectory: directory });
  try {
    const named = async (name: string): Promise<readonly string[]> => {
      const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn(name), limit: 1000 });
      return executions.map(({ arn }) => arn);
    };
    const [main = ''] = await named(stateMachine);
    show('where time goes', await stateTimes(app, main));
    if (!child) return;
    const all = await named(child);
    const every = Math.ceil(all.length / MOST_CHILDREN);
    for (const [index, arn] of all.entries())
      if (index % (every * MOST_CHILDREN) === 0) show(`one of the ${all.length} ${child}`, await stateTimes(app, arn));
  } finally {
    await app.close();
  }
}

function show(title: string, times: readonly StateTime[]): void {
  console.log(`| ${title} | times | from | to | together |\n|---|---|---|---|---|`);
  for (const { name, times: count, from, to, sum } of times)
    console.log(`| ${name} | ${count} | ${from.toFixed(1)} | ${to.toFixed(1)} | ${sum.toFixed(1)} |`);
  console.log('');
}
