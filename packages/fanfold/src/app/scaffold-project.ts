/** Writes a new project into a folder. */
import { copyFileSync, createReadStream, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { scaffold } from '../batch/scaffold.ts';
import { RecordError } from '../records/index.ts';
import { ProjectError } from './project-error.ts';

export interface ScaffoldProjectParams {
  /** Made when it is not there. */
  readonly folder: string;
  /** A CSV file with a header. @defaultValue a small one of its own */
  readonly from?: string;
  /** Of the project and its batch. @defaultValue the sample's name */
  readonly name?: string;
  readonly version: string;
}

const SAMPLE =
  'id,product,units,price,day\n1,tea,2,3.50,2026-01-31\n2,"coffee, ground",1,7.25,2026-02-01\n3,cocoa,12,2.00,2026-02-01\n';

/** @returns the name of the batch, and the files that were written, the sample last @throws ProjectError; nothing is overwritten */
export async function scaffoldProject(
  params: ScaffoldProjectParams,
): Promise<{ readonly name: string; readonly files: readonly string[] }> {
  const folder = resolve(params.folder);
  const { from, version } = params;
  if (from !== undefined && !statSync(from, { throwIfNoEntry: false })?.isFile())
    throw new ProjectError(`There is no file ${from}.`);
  const name = params.name ?? nameOf(from ?? 'orders');
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(name))
    throw new ProjectError(`The name '${name}' does not work. Use letters, digits, hyphens and underscores.`);
  const sample = from === undefined ? [Buffer.from(SAMPLE)] : createReadStream(from);
  const { texts, sampleFile } = await readable(from ?? 'The sample', () =>
    scaffold({ name, sample: toAsync(sample), version }),
  );
  const copies = from === undefined || resolve(from) !== join(folder, sampleFile);
  const taken = [...texts.keys(), ...(copies ? [sampleFile] : [])].filter((file) => existsSync(join(folder, file)));
  if (taken.length > 0)
    throw new ProjectError(
      `${folder} has ${taken.join(', ')} already, and nothing is overwritten. Name another folder.`,
    );
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of texts) writeFileSync(join(folder, file), text);
  if (from === undefined) writeFileSync(join(folder, sampleFile), SAMPLE);
  else if (copies) copyFileSync(from, join(folder, sampleFile));
  return { name, files: [...texts.keys(), sampleFile] };
}

async function readable<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RecordError)
      throw new ProjectError(`${file} cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
}

async function* toAsync(parts: Iterable<Uint8Array> | AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) yield part as Uint8Array;
}

function nameOf(file: string): string {
  const stem = basename(file).replace(/\..*$/, '');
  return (
    stem
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9_]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 80) || 'orders'
  );
}
