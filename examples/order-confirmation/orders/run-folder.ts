/** Where the files of a run are on the volume that its jobs share. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface Piece {
  /** Of its file. */
  readonly path: string;
  readonly records: number;
  /** Line of the input on which its first record starts. */
  readonly firstLine: number;
  readonly sha256: string;
}

/** What the splitter has made; it is there when all of it is. */
export interface Split {
  readonly header: readonly string[];
  readonly records: number;
  /** In the input's order. */
  readonly pieces: readonly Piece[];
}

export interface RunFolder {
  readonly root: string;
  readonly input: string;
  readonly manifest: string;
  /** By the piece's place: `.aa`, `.ab`, … as `split` names them. */
  piece(index: number, key: string): string;
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
    piece: (index, key) => join(root, `${fileName(key)}.${suffix(index)}`),
    output: (piece) => join(root, 'Output', basename(piece)),
    rejects: (piece) => join(root, 'Rejects', basename(piece)),
  };
}

/** `aa` to `yz`, then four letters that begin with `z`, and so on: as many as there are pieces, and still in order. */
export function suffix(index: number): string {
  let width = 2;
  let left = index;
  let prefix = '';
  for (let room = 25 * 26; left >= room; room = 25 * 26 ** (width - 1)) {
    left -= room;
    prefix += 'z';
    width += 1;
  }
  let letters = '';
  for (let i = 0; i < width; i++) {
    letters = String.fromCharCode(97 + (left % 26)) + letters;
    left = Math.floor(left / 26);
  }
  return prefix + letters;
}

export async function readSplit(folder: RunFolder): Promise<Split> {
  return JSON.parse(await readFile(folder.manifest, 'utf8')) as Split;
}

/** The last part of a key, with nothing in it that a file's name cannot have. */
function fileName(key: string): string {
  return (key.split('/').at(-1) ?? '').replace(/[^\w. -]/g, '_');
}
