/** Runs of a batch whose process is killed at random moments, again and again, until they are done. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunAccount } from '../batch/account.ts';
import { BATCHES, makeBatchFolder } from './batch-folder.fixture.ts';
import { runNode, wasKilled } from './kill.fixture.ts';

const SCRIPT = fileURLToPath(new URL('./batch.kill.ts', import.meta.url));

/** Chunks at once, by default. */
export const CONCURRENCY = 4;

export interface KillProject {
  readonly folder: string;
  readonly chunks: number;
  /** How often a chunk was begun, in all processes together. */
  begun(): number;
}

/** A project in a folder of its own: some records are bad, some are filtered, some have quoted fields. */
export function killProject({ records, chunk }: { readonly records: number; readonly chunk: number }): KillProject {
  const folder = makeBatchFolder({
    prefix: 'fanfold-random-kill-',
    module: `import { appendFileSync } from 'node:fs';
import { batch } from '${BATCHES}';
const log = new URL('./begun', import.meta.url);
export default batch({
  name: 'orders',
  source: { bucket: 'files', prefix: 'in/', archive: 'done/' },
  schema: { type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' }, units: { type: 'integer' } }, required: ['id', 'units'] },
  chunk: { records: ${chunk} },
  skipLimit: { percent: 5 },
  process(record, { line }) {
    if ((line - 2) % ${chunk} === 0) appendFileSync(log, line + '\\n');
    return record.units % 10 === 9 ? undefined : { id: record.id, name: record.name, double: record.units * 2 };
  },
  sinks: [{ object: 'out/{file}', columns: ['id', 'name', 'double'] }],
});
`,
  });
  const log = join(folder, 'begun');
  const line = (n: number): string => (n % 100 === 3 ? `${n},bad,x\n` : `${n},"Order ""${n}"", of many",${n}\n`);
  writeFileSync(
    join(folder, 'orders.csv'),
    `id,name,units\n${Array.from({ length: records }, (_, n) => line(n)).join('')}`,
  );
  writeFileSync(log, '');
  return {
    folder,
    chunks: Math.ceil(records / chunk),
    begun: () => readFileSync(log, 'utf8').split('\n').length - 1,
  };
}

export interface KilledRun {
  readonly account: RunAccount;
  /** How often its process was killed. */
  readonly kills: number;
  /** Of the process that has ended it, milliseconds. */
  readonly lasted: number;
}

/**
 * @param most kills; after them the run is left alone
 * @param moment when the next process is to be killed, in milliseconds from its start
 */
export async function runKilled({ folder }: KillProject, most: number, moment: () => number): Promise<KilledRun> {
  for (let kills = 0; ; kills++) {
    const began = performance.now();
    const finished = await runNode({
      args: [SCRIPT, folder],
      started: (child) => {
        if (kills >= most) return;
        const timer = setTimeout(() => child.kill('SIGKILL'), moment());
        child.once('exit', () => clearTimeout(timer));
      },
    });
    if (wasKilled(finished)) continue;
    const { code, stdout, stderr } = finished;
    if (code !== 0 || stderr !== '') throw new Error(`The run has ended with ${code}: ${stderr}`);
    const { runs, status, cause, account } = JSON.parse(stdout) as Record<string, unknown>;
    if (runs !== 1 || status !== 'SUCCEEDED')
      throw new Error(`${String(runs)} runs, ${String(status)}: ${String(cause)}`);
    return { account: account as RunAccount, kills, lasted: performance.now() - began };
  }
}

/** What of an account does not differ from run to run. */
export function contentsOf({ read, written, filtered, rejected, outputs, rejects }: RunAccount): object {
  const hashes = outputs.map((output) => (output.kind === 'object' ? output.sha256 : output.emitted));
  return { read, written, filtered, rejected, hashes, rejects: rejects?.sha256 };
}
