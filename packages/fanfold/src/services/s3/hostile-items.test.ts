/** The collection of bad and hostile files, each read by the ItemReader of a distributed Map. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReaderConfig } from '../../asl/definition.ts';
import type { Json } from '../../json.ts';
import { ItemSourceError, type SourceItem } from '../../ports/item-sources.ts';
import { detectEncoding } from '../../records/text/encoding.ts';
import { type HostileCase, hostileBytes, hostileCases } from '../../testing/records/hostile.ts';
import { createItemSources } from './item-sources.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';

let directory: string;
let local: LocalObjects;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-hostile-'));
  local = openLocalObjects({ directory, buckets: ['files'] });
});
afterAll(async () => {
  await local.close();
  rmSync(directory, { recursive: true });
});

/** The items, or why there are none; nothing else comes of a file. */
async function itemsOf(
  entry: HostileCase,
  config: ReaderConfig,
  body: Buffer | string = hostileBytes(entry),
): Promise<readonly SourceItem[] | ItemSourceError> {
  const ref = { bucket: 'files', key: entry.id };
  await local.objects.put({ ...ref, body });
  const sources = createItemSources({ objects: local.objects, account: '000000000000' });
  const parameters = { Bucket: ref.bucket, Key: ref.key };
  try {
    const { items } = await sources.open({ action: 'getObject', parameters, config, version: null, mapRunArn: 'arn' });
    const found: SourceItem[] = [];
    for await (const some of items) for (const item of some) found.push(item);
    return found;
  } catch (error) {
    expect(error).toBeInstanceOf(ItemSourceError);
    return error as ItemSourceError;
  } finally {
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  }
}

/** One that is made here. */
const MADE = { area: '', expect: { verdict: 'safe' } } as const;

const DELIMITERS: readonly (readonly [RegExp, NonNullable<ReaderConfig['CSVDelimiter']>])[] = [
  [/semicolon/, 'SEMICOLON'],
  [/pipe/, 'PIPE'],
  [/delim-space/, 'SPACE'],
  [/delim-tab/, 'TAB'],
];

const named = (area: string): [string, HostileCase][] => hostileCases(area).map((entry) => [entry.id, entry]);

const valuesOf = (found: readonly SourceItem[] | ItemSourceError): Json[] | ItemSourceError =>
  found instanceof ItemSourceError ? found : found.map(({ value }) => value);

describe('hostile files of items', () => {
  it.each(named('csv'))('%s', async (id, entry) => {
    const [, delimiter] = DELIMITERS.find(([words]) => words.test(id)) ?? [];
    const config: ReaderConfig = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };
    const found = await itemsOf(entry, delimiter === undefined ? config : { ...config, CSVDelimiter: delimiter });
    const { verdict, rows } = entry.expect;
    if (verdict === 'accept') expect(found).toBeInstanceOf(Array);
    const [header = [], ...others] = rows ?? [];
    if (rows)
      expect(valuesOf(found)).toEqual(
        others.map((row) => Object.fromEntries(row.map((field, i) => [header[i], field]))),
      );
    if (!hostileBytes(entry).toString('latin1').includes('\xef\xbf\xbd'))
      expect(JSON.stringify(found)).not.toContain('\ufffd');
  });

  it.each(named('jsonl'))('%s', async (_, entry) => {
    const found = await itemsOf(entry, { InputType: 'JSONL' });
    const { verdict } = entry.expect;
    if (verdict === 'reject') expect(String(found)).toMatch(/ItemSourceError: .*line \d/);
    if (verdict !== 'accept' && verdict !== 'safe') return;
    const lines = hostileBytes(entry).toString('utf8').split('\n');
    expect(valuesOf(found)).toEqual(lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Json));
  });

  it.each(named('json'))('%s', async (_, entry) => {
    const found = await itemsOf(entry, { InputType: 'JSON' });
    const bytes = hostileBytes(entry);
    // What is marked as UTF-16 is decoded.
    if (detectEncoding(bytes).name.startsWith('utf-16')) return;
    const { verdict } = entry.expect;
    if (verdict === 'reject') expect(found).toBeInstanceOf(ItemSourceError);
    if (verdict !== 'accept' && verdict !== 'safe') return;
    const value = JSON.parse(bytes.toString('utf8')) as Json;
    if (typeof value !== 'object' || value === null) expect(String(found)).toContain('not to an array or an object');
    else if (Array.isArray(value)) expect(valuesOf(found)).toEqual(value);
    else {
      const members =
        found instanceof ItemSourceError ? [] : found.map(({ key = '', value: of }) => [key, of] as const);
      expect(Object.fromEntries(members)).toEqual(value);
    }
  });

  it.each(named('limits').filter(([, { path = '' }]) => path.endsWith('.gz')))('%s', async (_, entry) => {
    const found = await itemsOf(entry, { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' });
    expect(String(found)).toMatch(/ItemSourceError: .*too large/);
  });

  it('a document of 200,000 members', async () => {
    const members = Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i] as const);
    const found = await itemsOf(
      { ...MADE, id: 'own-keys' },
      { InputType: 'JSON' },
      JSON.stringify(Object.fromEntries(members)),
    );
    if (found instanceof ItemSourceError) throw found;
    expect(found.length).toBe(members.length);
    expect(found.every(({ key, value }, i) => key === `k${i}` && value === i)).toBe(true);
  });

  it('a quote that never ends', async () => {
    const text = `id,v\n1,"${'x'.repeat(4 << 20)}`;
    const found = await itemsOf({ ...MADE, id: 'endless' }, { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, text);
    expect(String(found)).toMatch(/ItemSourceError: The quote opened in line 2 is never closed/);
  });
});
