/** What a distributed Map writes to buckets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ResultSinkError, type ResultSinkParams } from '../../ports/result-sinks.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';
import { createResultSinks } from './result-sinks.ts';

let directory: string;
let local: LocalObjects;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-result-sinks-'));
  local = openLocalObjects({ directory, buckets: ['out-bucket'] });
});
afterEach(async () => {
  await local.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a ResultWriter', () => {
  const RUN = 'arn:aws:states:us-east-1:000000000000:mapRun:m/l:0000-uuid';
  const textOf = async (key: string): Promise<string> => {
    const { body } = await local.objects.get({ bucket: 'out-bucket', key });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  async function* batches(...all: readonly string[][]): AsyncGenerator<readonly string[]> {
    yield* all;
  }
  const write = (params: Partial<ResultSinkParams>, largestFile?: number): Promise<void> =>
    createResultSinks({ objects: local.objects, ...(largestFile !== undefined && { largestFile }) }).write({
      parameters: { Bucket: 'out-bucket', Prefix: 'jobs/' },
      mapRunArn: RUN,
      outputType: 'JSON',
      results: {},
      ...params,
    });

  it('writes files of what there is, and a manifest of them', async () => {
    await write({ results: { SUCCEEDED: () => batches(['1', '{"a":2}'], ['3']), PENDING: () => batches([]) } });
    expect(await textOf('jobs/0000-uuid/SUCCEEDED_0.json')).toBe('[1,{"a":2},3]');
    expect(JSON.parse(await textOf('jobs/0000-uuid/manifest.json'))).toEqual({
      DestinationBucket: 'out-bucket',
      MapRunArn: RUN,
      ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key: 'jobs/0000-uuid/SUCCEEDED_0.json', Size: 13 }] },
    });
  });

  it('writes lines, and what failed as an array all the same', async () => {
    await write({
      outputType: 'JSONL',
      results: { SUCCEEDED: () => batches(['1', '2']), FAILED: () => batches(['{"Error":"E"}']) },
    });
    expect(await textOf('jobs/0000-uuid/SUCCEEDED_0.jsonl')).toBe('1\n2\n');
    expect(await textOf('jobs/0000-uuid/FAILED_0.json')).toBe('[{"Error":"E"}]');
  });

  it('begins another file when one is full', async () => {
    const texts = Array.from({ length: 7 }, (_, n) => String(n));
    await write({ results: { SUCCEEDED: () => batches(texts) } }, 6);
    const files = await Promise.all([0, 1, 2].map((n) => textOf(`jobs/0000-uuid/SUCCEEDED_${n}.json`)));
    expect(files.flatMap((text) => JSON.parse(text) as number[])).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('refuses a bucket that is not there, and parameters that it does not know', async () => {
    const sinks = createResultSinks({ objects: local.objects });
    await expect(sinks.check({ parameters: { Bucket: 'no-such-bucket' }, mapRunArn: 'arn' })).rejects.toBeInstanceOf(
      ResultSinkError,
    );
    await expect(sinks.check({ parameters: { Bucket: 'out-bucket', ACL: 'x' }, mapRunArn: 'arn' })).rejects.toThrow(
      "'ACL' of s3:putObject",
    );
    await expect(sinks.check({ parameters: {}, mapRunArn: 'arn' })).rejects.toThrow(
      "'Bucket' of s3:putObject is missing",
    );
    await expect(sinks.check({ parameters: { Bucket: 'out-bucket' }, mapRunArn: 'arn' })).resolves.toBeUndefined();
  });
});
