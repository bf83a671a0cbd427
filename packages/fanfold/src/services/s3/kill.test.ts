import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import type { DeleteMarker, ObjectEvent, ObjectInfo, ObjectVersion, ObjectVersionPlace } from '../../ports/objects.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';

const CHILD = fileURLToPath(new URL('../../testing/objects.kill.ts', import.meta.url));
const buckets = ['alpha-bucket', 'beta-bucket', 'kept-bucket'];

interface Acknowledged {
  readonly verb: 'put' | 'copy' | 'move' | 'keep' | 'mark' | 'let go';
  readonly key: string;
  readonly eTag: string;
  readonly sequencer: string;
  readonly source: string;
  readonly versionId: string;
}

/** Lets a process work until it has acknowledged so much, and ends it a moment later, whatever it is doing. */
async function workUntilKilled(
  directory: string,
  acknowledgements: number,
  microseconds: number,
): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, [CHILD, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === acknowledgements) void setTimeout(microseconds / 1000).then(() => child.kill('SIGKILL'));
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  return lines.map((line) => JSON.parse(line) as Acknowledged);
}

async function all(local: LocalObjects, bucket: string): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for (let after = ''; ;) {
    const { objects, next } = await local.objects.list({ bucket, after });
    found.push(...objects);
    if (next === undefined) return found;
    after = next;
  }
}

/** The latest of a key first. */
async function versions(local: LocalObjects): Promise<(ObjectVersion | DeleteMarker)[]> {
  const found: (ObjectVersion | DeleteMarker)[] = [];
  for (let after: ObjectVersionPlace | undefined = { key: '' }; after;) {
    const page = await local.objects.listVersions({ bucket: 'kept-bucket', after });
    found.push(...page.versions);
    after = page.next;
  }
  return found;
}

function byPut(events: readonly ObjectEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { object } of events) counts.set(object.sequencer, (counts.get(object.sequencer) ?? 0) + 1);
  return counts;
}

it('loses nothing acknowledged and shows nothing half when it is killed at any moment (I4)', async () => {
  const kill = fc.record({ acknowledgements: fc.integer({ min: 1, max: 40 }), microseconds: fc.nat(4000) });
  await fc.assert(
    fc.asyncProperty(fc.array(kill, { minLength: 2, maxLength: 2 }), async (kills) => {
      const directory = mkdtempSync(join(tmpdir(), 'fanfold-kill-'));
      const acknowledged: Acknowledged[] = [];
      for (const { acknowledgements, microseconds } of kills)
        acknowledged.push(...(await workUntilKilled(directory, acknowledgements, microseconds)));

      const local = openLocalObjects({ directory, buckets });
      const [alpha, beta] = [await all(local, 'alpha-bucket'), await all(local, 'beta-bucket')];

      for (const info of [...alpha, ...beta]) {
        const content = await buffer((await local.objects.get(info)).body);
        expect(content.length).toBe(info.size);
        expect(createHash('md5').update(content).digest('hex')).toBe(info.eTag);
        const part = content.subarray(0, content.length / 2000).toString();
        expect(content.toString()).toBe(part.repeat(2000));
      }

      const names = new Set([...alpha.map((o) => `a ${o.key}`), ...beta.map((o) => `b ${o.key}`)]);
      const events = byPut(local.events.pending(100_000));
      for (const { verb, key, sequencer, source } of acknowledged) {
        if (verb === 'copy' || verb === 'move') expect(names).toContain(`b ${key}`);
        if (verb === 'move') expect(names).not.toContain(`a ${key}`);
        if (verb === 'put') expect(names.has(`a ${key}`) || names.has(`b ${key}`)).toBe(true);
        if (verb === 'put') expect(events.get(sequencer)).toBe(1);
        if (verb === 'put') expect(await local.index.ingested(source)).toBe(true);
      }
      expect([...events.values()].every((count) => count === 1)).toBe(true);

      const hot = new Map(acknowledged.filter((a) => a.key.startsWith('hot/')).map((a) => [a.key, a]));
      for (const [key, last] of hot) {
        const now = alpha.find((o) => o.key === key);
        expect(now && now.sequencer >= last.sequencer).toBe(true);
      }

      const kept = await versions(local);
      const letGo = new Set(acknowledged.filter(({ verb }) => verb === 'let go').map(({ versionId }) => versionId));
      for (const { verb, key, versionId, eTag } of acknowledged.filter(
        ({ verb }) => verb === 'keep' || verb === 'mark',
      )) {
        const found = kept.find((version) => version.versionId === versionId);
        if (!letGo.has(versionId))
          expect(found).toMatchObject({ key, kind: verb === 'keep' ? 'object' : 'delete-marker' });
        if (found?.kind === 'object') expect(found.eTag).toBe(eTag);
      }
      for (const version of kept) {
        const { key, kind, isLatest, versionId } = version;
        expect(isLatest).toBe(kept.find((other) => other.key === key) === version);
        if (kind === 'delete-marker') continue;
        const content = await buffer((await local.objects.get({ bucket: 'kept-bucket', key, versionId })).body);
        expect(createHash('md5').update(content).digest('hex')).toBe(version.eTag);
      }

      const objects = kept.flatMap((version) => (version.kind === 'object' ? [version] : []));
      const contents = new Set([...alpha, ...beta, ...objects].map((o) => o.eTag));
      const files = readdirSync(join(directory, 'objects'), { recursive: true, withFileTypes: true });
      expect(files.filter((file) => file.isFile())).toHaveLength(contents.size);
      await local.close();
      rmSync(directory, { recursive: true });
    }),
    { numRuns: 4, endOnFailure: true },
  );
});
