/**
 * Process File: writes a piece's records as a JSON array. What was done is committed every 10 records, and a job that is
 * run again goes on behind the last commit.
 */
import { createReadStream } from 'node:fs';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { readCsv } from 'fanfold/records';
import { openCheckpoint } from '../customers/checkpoint.ts';
import { toCustomer } from '../customers/customer.ts';
import { COLUMNS, volume } from '../customers/volume.ts';
import { writeWhole } from '../../data/write-whole.ts';

const RECORDS_IN_A_COMMIT = 10;

const name = process.argv.at(-1) ?? '';
if (!/^[\w.-]+\.csv$/.test(name)) throw new Error(`'${name}' is not the name of a piece.`);
const { out, json } = volume();
const path = join(out, name);
const checkpoint = await openCheckpoint(process.env['FANFOLD_CHECKPOINT']);
if (checkpoint.records > 0) console.log(`Going on behind record ${checkpoint.records}.`);

let group = '';
let index = 0;
for await (const batch of readCsv(createReadStream(path), { header: COLUMNS }))
  for (const entry of batch) {
    if (index++ < checkpoint.records) continue;
    group += `${index === 1 ? '' : ',\n'}${JSON.stringify(toCustomer(entry, name))}`;
    if (index % RECORDS_IN_A_COMMIT !== 0) continue;
    await checkpoint.commit(group, index);
    group = '';
  }
await checkpoint.commit(group, index);
await truncate(checkpoint.file, checkpoint.bytes);
await writeWhole(json(name), [`[${await readFile(checkpoint.file, 'utf8')}]`]);
console.log(`${index} records.`);
