/**
 * docs/features.md tells what there is, and each line that is ticked names its proof. Here the proofs are held to be there,
 * and the page to have all that the code has.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  BATCHER_FIELDS,
  CATCHER_FIELDS,
  type Fields,
  MACHINE_FIELDS,
  PROCESSOR_CONFIG_FIELDS,
  READER_CONFIG_FIELDS,
  RETRIER_FIELDS,
  RULE_FIELDS,
  STATE_FIELDS,
  WRITER_CONFIG_FIELDS,
} from '../src/asl/fields.ts';
import { INTRINSIC_NAMES } from '../src/asl/intrinsics/compile.ts';
import { HISTORY_EVENT_TYPES } from '../src/runtimes/codecs/history-codec.ts';
import { ACTION_NAMES } from '../src/server/states-api.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/features.md'), 'utf8');

/** What a line may say that is not ticked. */
const SUBJECTS: readonly string[] = [];

interface Line {
  readonly text: string;
  readonly section: string;
  readonly ticked: boolean;
  /** What it is about: the words in code style, or else what stands before the proof. */
  readonly feature: string;
  readonly file: string | undefined;
  /** What must stand in the file. */
  readonly words: string | undefined;
  readonly reason: string | undefined;
}

const lines = readLines(PAGE);

describe('the page of features', () => {
  it.each(lines.filter(({ ticked }) => ticked).map((line) => [line.text, line] as const))('%s', (_, line) => {
    const { file, words, feature } = line;
    expect(file, 'it names a proof').toBeDefined();
    const path = join(ROOT, file ?? '');
    expect(existsSync(path), `${file} is there`).toBe(true);
    if (words !== undefined || line.text.startsWith('`'))
      expect(readFileSync(path, 'utf8'), `it is in ${file}`).toContain(words ?? feature.split('.').at(-1));
  });

  it('leaves nothing open', () => {
    expect(PAGE.split('\n').filter((row) => /^ *- \[[^ x]\]/.test(row))).toEqual([]);
  });

  it('gives a reason for what is not there', () => {
    const others = lines.filter(({ ticked }) => !ticked);
    expect(others.filter(({ reason }) => reason === undefined).map(({ text }) => text)).toEqual([]);
    const notYet = others.filter(({ reason }) => reason?.startsWith('not yet: '));
    expect(
      notYet.filter(({ reason = '' }) => !SUBJECTS.includes(reason.slice('not yet: '.length))).map(({ text }) => text),
    ).toEqual([]);
  });

  it.each(Object.entries(STATE_FIELDS))('has all fields of %s', (type, fields) => {
    expect(namesOf(fields).filter((name) => !inSection(type, name))).toEqual([]);
  });

  it.each<[string, Fields]>([
    ['State machine', MACHINE_FIELDS],
    ['Retrier', RETRIER_FIELDS],
    ['Catcher', CATCHER_FIELDS],
    ['Choice rules', RULE_FIELDS],
    ['Fields of a distributed Map', READER_CONFIG_FIELDS],
    ['Fields of a distributed Map', BATCHER_FIELDS],
    ['Fields of a distributed Map', WRITER_CONFIG_FIELDS],
    ['Fields of a distributed Map', PROCESSOR_CONFIG_FIELDS],
  ])('has all fields of %s', (section, fields) => {
    expect(namesOf(fields).filter((name) => !inSection(section, name))).toEqual([]);
  });

  it('has all intrinsic functions, events and actions', () => {
    expect([...INTRINSIC_NAMES].filter((name) => !inSection('Intrinsic functions', name))).toEqual([]);
    // The codec has a number for a type that AWS does not have and nothing writes.
    expect(HISTORY_EVENT_TYPES.filter((type) => !inSection('Event history', type))).toEqual(['FailStateExited']);
    expect(ACTION_NAMES.filter((name) => !inSection('API', name))).toEqual([]);
  });

  it('ticks every action', () => {
    const actions = lines.filter(({ section, feature }) => section === 'API' && /^[A-Z]\w+$/.test(feature));
    expect(actions.filter(({ ticked }) => !ticked).map(({ text }) => text)).toEqual([]);
  });
});

function inSection(section: string, feature: string): boolean {
  return lines.some((line) => line.section === section && line.feature === feature);
}

function namesOf({ fields }: Fields): string[] {
  return Object.keys(fields);
}

function readLines(page: string): Line[] {
  let section = '';
  return page.split('\n').flatMap((row): Line[] => {
    const title = /^#+ (.+)$/.exec(row)?.[1];
    if (title !== undefined) section = title;
    const item = /^ *- \[([x ])\] (.+)$/.exec(row);
    const text = item?.[2];
    if (text === undefined) return [];
    const [feature = '', rest = ''] = splitAt(text, ' · ');
    const [proof = '', words] = splitAt(rest, ' › ');
    return [
      {
        text,
        section,
        ticked: item?.[1] === 'x',
        feature: /^`([^`]+)`/.exec(feature)?.[1] ?? feature,
        file: /^`([^`]+)`$/.exec(proof)?.[1],
        words,
        reason: /^not (?:yet|here): .+/.exec(rest)?.[0],
      },
    ];
  });
}

function splitAt(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}
