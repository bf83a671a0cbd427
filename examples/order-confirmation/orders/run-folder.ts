/** Where the files of a run are on the volume that its jobs share. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CHUNK_FILE, type ChunkFile, letteredName, type Manifest, parseManifest } from 'fanfold/records';

export interface RunFolder {
  readonly root: string;
  readonly input: string;
  readonly manifest: string;
  /** Names of the pieces of an object: `.aa`, `.ab`, … as `split` names them. */
  pieces(key: string): (index: number) => string;
  /** What came of a piece. */
  output(piece: string): string;
  rejects(piece: string): string;
}

/** @throws Error for an id that is no name of a folder */
export function runFolder(volume: string, id: string): RunFolder {
  if (!/^[\w-]{1,100}$/.test(id)) throw new Error(`'${id}' is not the id of an event.`);
  const root = join(volume, id);
  return {
    root,
    input: join(root, 'input.csv'),
    manifest: join(root, 'manifest.json'),
    pieces: (key) => letteredName(fileName(key)),
    output: (piece) => join(root, 'Output', basename(piece)),
    rejects: (piece) => join(root, 'Rejects', basename(piece)),
  };
}

/** What the splitter has made; it is there when all of it is. @throws RecordError BadManifest */
export async function readSplit(folder: RunFolder): Promise<Manifest> {
  return parseManifest<ChunkFile>(await readFile(folder.manifest, 'utf8'), CHUNK_FILE);
}

/** The last part of a key, with nothing in it that a file's name cannot have. */
function fileName(key: string): string {
  return (key.split('/').at(-1) ?? '').replace(/[^\w. -]/g, '_');
}
