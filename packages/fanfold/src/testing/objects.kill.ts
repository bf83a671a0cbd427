/**
 * Run as a process of its own, to be killed: puts, copies, moves and deletes without end, and says on stdout what was
 * acknowledged, one JSON text a line. Argument: the data directory.
 */
import { writeSync } from 'node:fs';
import { openLocalObjects } from '../services/s3/local.ts';

const [directory = ''] = process.argv.slice(2);
const { objects } = openLocalObjects({
  directory,
  buckets: ['alpha-bucket', 'beta-bucket', 'kept-bucket'],
  settings: { 'kept-bucket': { versioning: 'Enabled' } },
});
const start = process.pid * 1_000_000;

function acknowledge(line: Readonly<Record<string, unknown>>): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 4; i++) yield Buffer.from(text.repeat(500));
}

async function put(key: string, content: string): Promise<void> {
  const { eTag, sequencer } = await objects.put({
    bucket: 'alpha-bucket',
    key,
    body: bodyOf(content),
    source: content,
  });
  acknowledge({ verb: 'put', key, eTag, sequencer, source: content });
}

/** Replaces, deletes and brings back one object of a bucket that keeps versions; some versions go for good. */
async function keep(writer: number, n: number): Promise<void> {
  const ref = { bucket: 'kept-bucket', key: `v/${writer}` };
  const { versionId = '', eTag } = await objects.put({ ...ref, body: bodyOf(`kept ${writer}/${n};`) });
  acknowledge({ verb: 'keep', key: ref.key, versionId, eTag });
  if (n % 3 === 0) {
    const marker = await objects.delete(ref);
    acknowledge({ verb: 'mark', key: ref.key, versionId: marker.versionId });
  }
  if (n % 4 !== 0) return;
  acknowledge({ verb: 'let go', key: ref.key, versionId });
  await objects.delete({ ...ref, versionId });
}

async function work(writer: number): Promise<void> {
  for (let n = start; ; n++) {
    const key = `${writer}/${n}`;
    await put(key, `${key};`);
    await keep(writer, n);
    await put(`hot/${writer}`, `hot ${key};`);
    const from = { bucket: 'alpha-bucket', key };
    const to = { bucket: 'beta-bucket', key };
    if (n % 3 === 0) await objects.move({ from, to });
    if (n % 3 === 0) acknowledge({ verb: 'move', key });
    if (n % 3 === 1) await objects.copy({ from, to });
    if (n % 3 === 1) acknowledge({ verb: 'copy', key });
  }
}

await Promise.all([0, 1, 2].map(work));
