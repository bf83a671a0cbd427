/**
 * Objects of 1 KB, 1 MB and 1 GB, put and got over the S3 API with AWS's own client, and in the same process without it.
 * Checked: the MD5 of what comes back. CPU seconds are those of the process that keeps the objects; its largest memory is
 * taken from the system, so that it must not grow with the size. Of the smallest, 300 are put and got before, unmeasured: by then Node
 * has compiled what is to be measured.
 *
 * Not measured: several clients at once, a disk that is not this machine's, encryption.
 *
 *     npm run bench -- objects [--size '1 KB']
 */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { openLocalObjects } from '../packages/fanfold/src/services/s3/local.ts';

const BUCKET = 'bench-bucket';
const SIZES = [
  { name: '1 KB', bytes: 1024, times: 1000 },
  { name: '1 MB', bytes: 1024 ** 2, times: 100 },
  { name: '1 GB', bytes: 1024 ** 3, times: 1 },
] as const;

const WARM = 300;
const { values: options } = parseArgs({ options: { size: { type: 'string' } } });

const BLOCK = Buffer.alloc(256 * 1024, 'fanfold bench\n');

function* blocks(bytes: number): Generator<Uint8Array> {
  for (let left = bytes; left > 0; left -= BLOCK.length) yield BLOCK.subarray(0, Math.min(left, BLOCK.length));
}

function digestOf(bytes: number): string {
  const hash = createHash('md5');
  for (const block of blocks(bytes)) hash.update(block);
  return hash.digest('hex');
}

async function check(body: AsyncIterable<Uint8Array>, bytes: number): Promise<void> {
  const hash = createHash('md5');
  for await (const chunk of body) hash.update(chunk);
  if (hash.digest('hex') !== digestOf(bytes)) throw new Error('What came back is not what was put.');
}

interface Store {
  put(key: string, bytes: number): Promise<unknown>;
  get(key: string): Promise<AsyncIterable<Uint8Array>>;
  /** Seconds of CPU that the process has taken so far. */
  cpu(): number;
  /** MB, at most so far. */
  memory(): number;
  close(): Promise<void>;
}

/** Clock ticks of a second, as all Linux machines have them. */
const TICKS = 100;

/** User and system time of a process. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

function peakOf(pid: number | 'self'): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

function openInProcess(directory: string): Store {
  const local = openLocalObjects({ directory, buckets: [BUCKET] });
  return {
    put: (key, bytes) => local.objects.put({ bucket: BUCKET, key, body: Readable.from(blocks(bytes)) }),
    get: async (key) => (await local.objects.get({ bucket: BUCKET, key })).body,
    cpu: () => cpuOf(process.pid),
    memory: () => peakOf('self'),
    close: () => local.close(),
  };
}

async function openOnTheWire(directory: string): Promise<Store> {
  const launcher = join(import.meta.dirname, '../packages/fanfold/bin/fanfold.js');
  const args = [launcher, 'serve', '--json', '--port', '0', '--data', join(directory, 'data')];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: directory });
  const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  const { endpoint, pid } = JSON.parse(line) as { endpoint: string; pid: number };
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  await fetch(`${endpoint}/${BUCKET}`, {
    method: 'PUT',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request, Signature=0' },
  });
  return {
    put: (key, bytes) =>
      s3.send(
        new PutObjectCommand({
          Bucket: BUCKET,
          Key: key,
          Body: Readable.from(blocks(bytes)),
          ContentLength: bytes,
        }),
      ),
    get: async (key) => (await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))).Body as Readable,
    cpu: () => cpuOf(pid),
    memory: () => peakOf(pid),
    close: async () => {
      s3.destroy();
      server.kill('SIGTERM');
      await once(server, 'close');
    },
  };
}

async function measure(name: string, store: Store): Promise<void> {
  const [{ bytes: fewest }] = SIZES;
  for (let i = 0; i < WARM; i++) {
    await store.put(`warm/${i}`, fewest);
    await check(await store.get(`warm/${i}`), fewest);
  }
  for (const { name: size, bytes, times } of SIZES) {
    if ((options.size ?? size) !== size) continue;
    for (const verb of ['put', 'get'] as const) {
      const cpu = store.cpu();
      const begun = performance.now();
      for (let i = 0; i < times; i++) {
        if (verb === 'put') await store.put(`${size}/${i}`, bytes);
        else await check(await store.get(`${size}/${i}`), bytes);
      }
      const seconds = (performance.now() - begun) / 1000;
      const used = store.cpu() - cpu;
      const each = `${((used / times) * 1000).toFixed(bytes > 1024 ** 2 ? 0 : 2)} ms of CPU each`;
      console.log(
        `${name.padEnd(12)} ${verb} ${size} × ${String(times).padStart(3)}: ${seconds.toFixed(2)} s, ${used.toFixed(2)} s of CPU (${each}), memory at most ${store.memory()} MB`,
      );
    }
  }
  await store.close();
}

for (const open of [openOnTheWire, async (directory: string) => openInProcess(directory)]) {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-objects-bench-'));
  try {
    await measure(open === openOnTheWire ? 'on the wire' : 'in process', await open(directory));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
