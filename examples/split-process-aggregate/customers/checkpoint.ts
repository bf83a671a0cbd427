/** What a job has done, kept in its checkpoint folder over attempts and deaths. */
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Checkpoint {
  /** Records that are done. */
  readonly records: number;
  /** What came of them; only its first `bytes` are committed. */
  readonly file: string;
  readonly bytes: number;
  /** @param records all that are done, this text's included */
  commit(text: string, records: number): Promise<void>;
}

interface Committed {
  readonly records: number;
  readonly bytes: number;
}

/** @throws Error when there is no folder for it */
export async function openCheckpoint(folder: string | undefined): Promise<Checkpoint> {
  if (!folder) throw new Error('FANFOLD_CHECKPOINT is not set: it says where a job keeps what it has done.');
  const file = join(folder, 'customers.json');
  const note = join(folder, 'committed.json');
  let committed = await read(note);
  const handle = await open(file, 'a');
  await handle.close();
  return {
    file,
    get records() {
      return committed.records;
    },
    get bytes() {
      return committed.bytes;
    },
    async commit(text, records) {
      const bytes = Buffer.from(text);
      const output = await open(file, 'r+');
      try {
        await output.write(bytes, 0, bytes.length, committed.bytes);
        await output.sync();
      } finally {
        await output.close();
      }
      committed = { records, bytes: committed.bytes + bytes.length };
      await writeFile(`${note}.tmp`, JSON.stringify(committed), { flush: true });
      await rename(`${note}.tmp`, note);
    },
  };
}

async function read(note: string): Promise<Committed> {
  try {
    return JSON.parse(await readFile(note, 'utf8')) as Committed;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { records: 0, bytes: 0 };
    throw error;
  }
}
