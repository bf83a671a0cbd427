/** Split File: downloads the input to the volume and cuts it into pieces of 100 records. A record is never cut. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readCsv } from 'fanfold/records';
import { COLUMNS, INPUT, volume } from '../customers/volume.ts';
import { writeWhole } from '../../data/write-whole.ts';

const RECORDS_IN_A_PIECE = 100;

const { input, piece } = volume();
const { Body } = await new S3Client({ forcePathStyle: true }).send(new GetObjectCommand(INPUT));
if (!Body) throw new Error(`s3://${INPUT.Bucket}/${INPUT.Key} has no content.`);
await writeWhole(input, Body as AsyncIterable<Uint8Array>);

/** Where a piece begins in the input, in bytes. */
const starts: number[] = [];
let records = 0;
for await (const batch of readCsv(createReadStream(input), { header: COLUMNS, onLostRecord: 'reject' }))
  for (const { byteOffset } of batch) if (records++ % RECORDS_IN_A_PIECE === 0) starts.push(byteOffset);

const file = await open(input);
const { size } = await file.stat();
await file.close();
for (const [index, start] of starts.entries()) {
  const end = starts[index + 1] ?? size;
  await writeWhole(piece(index), createReadStream(input, { start, end: end - 1 }));
}
console.log(`${records} records, ${starts.length} pieces.`);
