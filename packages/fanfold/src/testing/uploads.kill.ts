/**
 * Run as a process of its own, to be killed: makes objects of parts without end, and says on stdout what was acknowledged, one
 * JSON text a line. Every third upload is completed, every third aborted, the others are left. Argument: the data directory.
 */
import { writeSync } from 'node:fs';
import { openLocalObjects } from '../services/s3/local.ts';
import { UPLOAD_BUCKET, uploadedParts } from './uploads.fixture.ts';

const [directory = ''] = process.argv.slice(2);
const { uploads } = openLocalObjects({ directory, buckets: [UPLOAD_BUCKET] });

function acknowledge(line: Readonly<Record<string, unknown>>): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

async function work(writer: number): Promise<void> {
  for (let n = 0; ; n++) {
    const key = `${process.pid}/${writer}/${n}`;
    const description = { contentType: 'text/plain', metadata: {}, details: {} };
    const upload = { bucket: UPLOAD_BUCKET, key };
    const { uploadId } = await uploads.create({ ...upload, ...description });
    acknowledge({ verb: 'create', key, uploadId });
    const parts: { readonly partNumber: number; readonly eTag: string }[] = [];
    for (const [i, body] of uploadedParts(key).entries()) {
      const partNumber = i + 1;
      const { eTag } = await uploads.putPart({ ...upload, uploadId, partNumber, body });
      parts.push({ partNumber, eTag });
      acknowledge({ verb: 'part', key, uploadId, partNumber, eTag });
    }
    if (n % 3 === 0) await uploads.complete({ ...upload, uploadId, parts });
    if (n % 3 === 0) acknowledge({ verb: 'complete', key, uploadId });
    if (n % 3 === 1) await uploads.abort({ ...upload, uploadId });
    if (n % 3 === 1) acknowledge({ verb: 'abort', key, uploadId });
  }
}

await Promise.all([0, 1, 2].map(work));
