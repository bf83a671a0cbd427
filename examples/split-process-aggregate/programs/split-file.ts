/** Split File: downloads the input to the volume and cuts it into pieces of 100 records. A record is never cut. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { gatherRanges, readCsv, writeChunkFiles } from 'fanfold/records';
import { COLUMNS, INPUT, volume } from '../customers/volume.ts';
import { writeWhole } from '../../data/write-whole.ts';

const RECORDS_IN_A_PIECE = 100;

const { input, piece } = volume();
const { Body } = await new S3Client({ forcePathStyle: true }).send(new GetObjectCommand(INPUT));
if (!Body) throw new Error(`s3://${INPUT.Bucket}/${INPUT.Key} has no content.`);
await writeWhole(input, Body as AsyncIterable<Uint8Array>);

const { size } = await stat(input);
const places = readCsv(createReadStream(input), { header: COLUMNS, onLostRecord: 'reject' });
const { records, ranges } = await gatherRanges(places, { records: RECORDS_IN_A_PIECE, bytes: size }, size);
await writeChunkFiles({
  source: { read: (start, end) => createReadStream(input, { start, end: end - 1 }) },
  ranges,
  name: piece,
  write: writeWhole,
});
console.log(`${records} records, ${ranges.length} pieces.`);
