/** `fanfold destroy`: removes what a project has in its data directory, but for what is only there. */
import { existsSync, readdirSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inside } from '../../app/inside.ts';
import { loadProject } from '../../app/load-project.ts';
import { lockDirectory } from '../../database/lock.ts';
import { ExitCode, UsageError } from '../exit.ts';
import { type GlobalOptions, serverOf } from '../project-access.ts';

export interface DestroyOptions extends GlobalOptions {
  readonly yes?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

interface Part {
  readonly what: string;
  /** Names in the data directory; of a database its first part. */
  readonly names: readonly string[];
  /** Stays unless all is to go. */
  readonly retained?: true;
}

const PARTS: readonly Part[] = [
  { what: 'executions, their histories and state machines', names: ['engine.db', 'values'] },
  { what: 'queues with their messages', names: ['queues.db'] },
  { what: 'topics, rules, and what they have to deliver', names: ['topics.db', 'events.db', 'deliveries.db'] },
  { what: 'jobs with their logs and checkpoints', names: ['jobs.db', 'jobs', 'checkpoints'] },
  { what: 'logs', names: ['logs'] },
  { what: 'buckets with their objects', names: ['objects.db', 'objects'], retained: true },
  { what: 'tables with their items', names: ['tables.db'], retained: true },
  { what: 'volumes of jobs', names: ['volumes'], retained: true },
  { what: 'the key that links are signed with', names: ['credentials.json'], retained: true },
];
/** What only says who has the directory. */
const HOLDING: readonly string[] = ['lock.db', 'server.json'];

export async function destroy({ yes = false, all = false, json = false, ...options }: DestroyOptions): Promise<number> {
  const directory = await dataDirectoryOf(options);
  if (!existsSync(join(directory, 'lock.db'))) throw new UsageError(`There is no data directory at ${directory}.`);
  const url = await serverOf(directory);
  if (url) throw new UsageError(`The data directory ${directory} is in use by ${url}. Stop that first.`);
  const lock = lockDirectory(directory);
  if (!lock) throw new UsageError(`The data directory ${directory} is in use. Stop the process that has it first.`);
  try {
    const there = readdirSync(directory);
    const found = PARTS.map((part) => ({ ...part, files: there.filter((name) => isOf(part, name)) })).filter(
      ({ files }) => files.length > 0,
    );
    const gone = found.filter(({ retained }) => all || !retained);
    const known = [...found.flatMap(({ files }) => files), ...there.filter((name) => isHolding(name))];
    const foreign = there.filter((each) => !known.includes(each));
    for (const [fate, whats] of [
      [yes ? 'removed' : 'would remove', gone.map(({ what }) => what)],
      ['retained', found.filter(({ retained }) => retained && !all).map(({ what }) => what)],
      ['retained', foreign.map((name) => `${name}, which is not Fanfold's`)],
    ] as const)
      for (const what of whats) print(json ? JSON.stringify({ what, fate }) : `${fate}\t${what}`);
    if (!yes) {
      process.stderr.write(
        'fanfold: nothing was removed. Say --yes to remove it, and --all to remove what is retained too.\n',
      );
      return ExitCode.usage;
    }
    for (const name of gone.flatMap(({ files }) => files))
      await rm(join(directory, name), { recursive: true, force: true });
  } finally {
    lock.release();
  }
  await removeIfEmpty(directory);
  return ExitCode.ok;
}

async function dataDirectoryOf(options: GlobalOptions): Promise<string> {
  if (options.data !== undefined) return options.data;
  const { definition, directory } = await loadProject(options.directory);
  return inside(directory, definition.dataDirectory ?? '.fanfold');
}

/** With the files that SQLite keeps beside a database. */
function isOf({ names }: Part, file: string): boolean {
  return names.includes(file.replace(/-(?:wal|shm|journal)$/, ''));
}

function isHolding(file: string): boolean {
  return HOLDING.includes(file.replace(/-(?:wal|shm|journal)$/, ''));
}

/** The directory goes when nothing is left in it but who had it. */
async function removeIfEmpty(directory: string): Promise<void> {
  const left = readdirSync(directory);
  if (!left.every(isHolding)) return;
  for (const name of left) await rm(join(directory, name), { force: true });
  await rmdir(directory);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
