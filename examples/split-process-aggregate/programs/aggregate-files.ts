/**
 * Aggregate Files: puts the arrays of all pieces together, in the order of the pieces. One that is missing, damaged, or has
 * more or fewer records than its piece fails it by name.
 */
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readCsv } from 'fanfold/records';
import { COLUMNS, inOrder, volume } from '../customers/volume.ts';
import { writeWhole } from '../../data/write-whole.ts';

const { out, jsons, json, processed } = volume();
const pieces = inOrder((await readdir(out)).filter((name) => name.endsWith('.csv') && !name.startsWith('.')));
const results = new Set(pieces.map((piece) => basename(json(piece))));
const stray = (await readdir(jsons)).find((name) => name.endsWith('.json') && !results.has(name));
if (stray !== undefined) throw new Error(`${stray} is the result of no piece.`);
let records = 0;
await writeWhole(processed, together());
console.log(`${records} records of ${pieces.length} pieces.`);

async function* together(): AsyncGenerator<string> {
  yield '[';
  for (const piece of pieces) {
    const name = basename(json(piece));
    const text = await readResult(piece, name);
    const count = countIn(text, name);
    const expected = await recordsOf(piece);
    if (count !== expected) throw new Error(`${piece} has ${expected} records, and ${name} has ${count}.`);
    if (count > 0) yield `${records > 0 ? ',\n' : '\n'}${text.slice(1, -1)}`;
    records += count;
  }
  yield '\n]\n';
}

async function readResult(piece: string, name: string): Promise<string> {
  try {
    return await readFile(join(jsons, name), 'utf8');
  } catch (cause) {
    throw new Error(`${piece} has no result: there is no ${name}.`, { cause });
  }
}

function countIn(text: string, name: string): number {
  try {
    const array: unknown = JSON.parse(text);
    if (Array.isArray(array)) return array.length;
  } catch {
    // Told below.
  }
  throw new Error(`${name} is not a JSON array.`);
}

/** Counted by another way than the processor's. */
async function recordsOf(piece: string): Promise<number> {
  let count = 0;
  for await (const batch of readCsv(createReadStream(join(out, piece)), { header: COLUMNS })) count += batch.length;
  return count;
}
