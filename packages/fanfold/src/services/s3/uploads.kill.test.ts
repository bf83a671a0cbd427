import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { UploadInfo } from '../../ports/uploads.ts';
import { UPLOAD_BUCKET as bucket, uploadedParts } from '../../testing/uploads.fixture.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';

const CHILD = fileURLToPath(new URL('../../testing/uploads.kill.ts', import.meta.url));

interface Acknowledged {
  readonly verb: 'create' | 'part' | 'complete' | 'abort';
  readonly key: string;
  readonly uploadId: string;
  readonly partNumber?: number;
  readonly eTag?: string;
}

/** Lets a process work until it has acknowledged so much, and ends it a moment later, whatever it is doing. */
async function workUntilKilled(directory: string, count: number, microseconds: number): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, [CHILD, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === count) void setTimeout(microseconds / 1000).then(() => child.kill('SIGKILL'));
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  return lines.map((line) => JSON.parse(line) as Acknowledged);
}

async function whole(local: LocalObjects, key: string): Promise<void> {
  const content = await buffer((await local.objects.get({ bucket, key })).body);
  expect(content.equals(Buffer.concat(uploadedParts(key)))).toBe(true);
}

it('uploads lose no part and no object that was acknowledged, and leave no file behind, whenever it is killed (I4)', async () => {
  const kill = fc.record({ count: fc.integer({ min: 1, max: 60 }), microseconds: fc.nat(20_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(kill, { minLength: 2, maxLength: 2 }), async (kills) => {
      const directory = mkdtempSync(join(tmpdir(), 'fanfold-kill-'));
      const acknowledged: Acknowledged[] = [];
      for (const { count, microseconds } of kills)
        acknowledged.push(...(await workUntilKilled(directory, count, microseconds)));

      const local = openLocalObjects({ directory, buckets: [bucket] });
      const { objects } = await local.objects.list({ bucket });
      for (const { key } of objects) await whole(local, key);
      const made = new Set(objects.map(({ key }) => key));
      const { uploads } = await local.uploads.list({ bucket, prefix: '', limit: 1000 });
      const open = new Map(uploads.map((upload): [string, UploadInfo] => [upload.uploadId, upload]));
      const told = new Map(acknowledged.map((line) => [line.uploadId, line]));
      for (const { verb, key, uploadId } of told.values()) {
        const state = { isMade: made.has(key), isOpen: open.has(uploadId) };
        if (verb === 'create') expect(state).toEqual({ isMade: false, isOpen: true });
        // Its end may have come without having been told.
        if (verb === 'part') expect(state).not.toEqual({ isMade: true, isOpen: true });
        if (verb === 'complete') expect(state).toEqual({ isMade: true, isOpen: false });
        if (verb === 'abort') expect(state).toEqual({ isMade: false, isOpen: false });
      }
      const events = local.events.pending(100_000).map(({ object }) => object.key);
      expect(events.toSorted()).toEqual([...made].toSorted());

      // Those that were left can be gone on with: every part that was told of is there.
      for (const { uploadId, key } of open.values()) {
        const { parts } = await local.uploads.listParts({ bucket, key, uploadId, after: 0, limit: 10 });
        for (const line of acknowledged)
          if (line.uploadId === uploadId && line.verb === 'part')
            expect(parts).toContainEqual(expect.objectContaining({ partNumber: line.partNumber, eTag: line.eTag }));
        if (parts.length < uploadedParts(key).length) await local.uploads.abort({ bucket, key, uploadId });
        else {
          const named = parts.map(({ partNumber, eTag }) => ({ partNumber, eTag }));
          await local.uploads.complete({ bucket, key, uploadId, parts: named });
          await whole(local, key);
        }
      }
      await local.close();
      // What was let go of is removed by the next process at the latest.
      const last = openLocalObjects({ directory, buckets: [bucket] });
      const kept = (await last.objects.list({ bucket })).objects.length;
      await last.close();
      const files = readdirSync(join(directory, 'objects'), { recursive: true, withFileTypes: true });
      expect(files.filter((file) => file.isFile())).toHaveLength(kept);
      rmSync(directory, { recursive: true });
    }),
    { numRuns: 2, endOnFailure: true },
  );
});
