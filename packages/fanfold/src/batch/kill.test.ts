/** Runs whose process is killed: in the middle of a record, and at writes, fsyncs and renames. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mulberry32 } from '../interpreter/random.ts';
import { BATCHES, makeBatchFolder } from '../testing/batch-folder.fixture.ts';
import { canTrace, type Finished, runNode, wasKilled } from '../testing/kill.fixture.ts';
import { inRounds, killedAt, type KillPoint, killPoints, sweepKills } from '../testing/kill-points.fixture.ts';
import type { RunAccount } from './account.ts';

const SCRIPT = fileURLToPath(new URL('../testing/batch.kill.ts', import.meta.url));
const RECORDS = 2000;

let folders: string[] = [];
let undisturbed: RunAccount;
beforeAll(async () => {
  undisturbed = accountOf(await runNode({ args: [SCRIPT, newFolder()] }));
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A project with a file to run; its `process` kills the process at a line once, when the file `kill` names that line. */
function newFolder(): string {
  const folder = makeBatchFolder({
    prefix: 'fanfold-batch-kill-',
    settings: { tables: { orders: { partitionKey: 'id' } } },
    module: `import { readFileSync, rmSync } from 'node:fs';
import { batch } from '${BATCHES}';
const file = new URL('./kill', import.meta.url);
let at = 0;
try { at = Number(readFileSync(file, 'utf8')); } catch {}
export default batch({
  name: 'orders',
  source: { bucket: 'files', prefix: 'in/', archive: 'done/' },
  schema: { type: 'object', properties: { id: { type: 'string' }, units: { type: 'integer' } }, required: ['id', 'units'] },
  chunk: { records: 300 },
  skipLimit: { percent: 5 },
  process(record, { line }) {
    if (line === at) {
      rmSync(file);
      process.kill(process.pid, 'SIGKILL');
    }
    return record.units % 10 === 0 ? undefined : { id: record.id, double: record.units * 2 };
  },
  sinks: [{ object: 'out/{file}', columns: ['id', 'double'] }, { object: 'out/{stem}.json.gz', format: 'json', gzip: true }, { table: 'orders' }],
});
`,
  });
  folders.push(folder);
  const records = Array.from({ length: RECORDS }, (_, i) => (i % 100 === 3 ? `${i},bad\n` : `"${i}",${i}\n`));
  writeFileSync(join(folder, 'orders.csv'), `id,units\n${records.join('')}`);
  return folder;
}

function accountOf({ code, stdout, stderr }: Finished): RunAccount {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { runs, status, cause, account } = JSON.parse(stdout) as Record<string, unknown>;
  expect({ runs, status, cause }).toEqual({ runs: 1, status: 'SUCCEEDED', cause: null });
  return account as RunAccount;
}

/** Without the names that differ from run to run: hashes say whether the bytes are the same. */
function contents({ read, written, filtered, rejected, emitted, outputs, rejects }: RunAccount): object {
  const hashes = outputs.map((output) => (output.kind === 'object' ? output.sha256 : output.emitted));
  return { read, written, filtered, rejected, emitted, hashes, rejects: rejects?.sha256 };
}

describe('a run whose process is killed', () => {
  it.for([2, 900])('goes on to the same bytes when it is killed at line %s', async (line) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'kill'), String(line));
    expect(wasKilled(await runNode({ args: [SCRIPT, folder] }))).toBe(true);
    expect(contents(accountOf(await runNode({ args: [SCRIPT, folder] })))).toEqual(contents(undisturbed));
  });

  it.runIf(canTrace())('goes on to the same bytes when it is killed at a write, fsync or rename', async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const traced = newFolder();
    const points = await killPoints(traced, (rest) => runNode({ args: [SCRIPT, traced], ...rest }));
    const killAt = async (point: KillPoint): Promise<readonly string[] | null> => {
      const folder = newFolder();
      if (!wasKilled(await runNode({ args: [SCRIPT, folder], ...killedAt(point, folder) }))) return null;
      expect(contents(accountOf(await runNode({ args: [SCRIPT, folder] })))).toEqual(contents(undisturbed));
      return [];
    };
    const { tried } = await sweepKills({ points: inRounds(points, 3, mulberry32(seed)), killAt, wanted: 3 });
    expect(tried).toBe(3);
  });
});
