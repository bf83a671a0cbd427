/** Aggregate Files: puts the arrays of all pieces together, in the order of the pieces. One that is damaged fails it by name. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inOrder, volume } from '../customers/volume.ts';
import { writeWhole } from '../../data/write-whole.ts';

const { jsons, processed } = volume();
const names = inOrder((await readdir(jsons)).filter((name) => name.endsWith('.json') && !name.startsWith('.')));
let records = 0;
await writeWhole(processed, together());
console.log(`${records} records of ${names.length} pieces.`);

async function* together(): AsyncGenerator<string> {
  yield '[';
  for (const name of names) {
    const text = await readFile(join(jsons, name), 'utf8');
    const count = countIn(text, name);
    if (count > 0) yield `${records > 0 ? ',\n' : '\n'}${text.slice(1, -1)}`;
    records += count;
  }
  yield '\n]\n';
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
