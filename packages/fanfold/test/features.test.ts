/**
 * docs/features.md tells what there is, and each line that is ticked names its proof. Here the proofs are held to be there,
 * and the page to have all that the code has.
 */
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
import { type Line, problemOf, type Proof, readAnswers, readChecklist } from './checklist.ts';

/** What a line may say that is not ticked. */
const SUBJECTS: readonly string[] = [];

const { lines, unclear } = readChecklist('docs/features.md');

describe('the page of features', () => {
  it.each(lines.filter(({ ticked }) => ticked).map((line) => [line.text, line] as const))('%s', (_, line) => {
    expect(line.proofs, 'it names a proof').not.toEqual([]);
    const name = line.text.startsWith('`') ? line.feature.split('.').at(-1) : undefined;
    const proofs = line.proofs.map((proof) => ({ ...(name !== undefined && { words: name }), ...proof }));
    expect(proofs.map(problemOf).filter((problem) => problem !== undefined)).toEqual([]);
  });

  it('leaves nothing open', () => {
    expect(unclear).toEqual([]);
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

describe('the page of requirements', () => {
  const page = readChecklist('docs/requirements.md');
  const numberOf = ({ feature }: Line): number => Number(/^\*\*(\d+)\*\* \S/.exec(feature)?.[1]);

  it.each(page.lines.filter(({ ticked }) => ticked).map((line) => [line.text.slice(0, 60), line] as const))(
    '%s',
    (_, { proofs }) => {
      expect(proofs, 'it names a proof').not.toEqual([]);
      for (const { file, words } of proofs)
        if (file.endsWith('.test.ts')) expect(words, `the test in ${file} is named`).toBeDefined();
      expect(proofs.flatMap((proof) => problemOf(titled(proof)) ?? [])).toEqual([]);
    },
  );

  it('has all of them, in their order', () => {
    expect([...new Set(page.lines.map(numberOf))]).toEqual(Array.from({ length: 116 }, (_, i) => i + 1));
    expect(page.unclear).toEqual([]);
  });

  it('says of each that is not there why, and calls only spans later', () => {
    const open = page.lines.filter(({ ticked }) => !ticked);
    expect(open.filter(({ reason }) => reason === undefined).map(({ text }) => text)).toEqual([]);
    expect(open.filter(({ reason }) => reason?.startsWith('later: ')).map(numberOf)).toEqual([103]);
  });
});

describe('what to keep in mind', () => {
  const answers = readAnswers('docs/guides/keep-in-mind.md');

  it('has the nine things and four questions of S3, and those of S1 and S4', () => {
    expect(answers.length).toBeGreaterThanOrEqual(9 + 4 + 3 + 2);
  });

  it.each(answers.map(({ heading, proofs }) => [heading, proofs] as const))('%s', (_, proofs) => {
    expect(proofs).not.toEqual([]);
    expect(proofs.flatMap((proof) => problemOf(titled(proof)) ?? [])).toEqual([]);
  });
});

/** The words as the title of a test: in quotes. */
function titled({ file, words }: Proof): Proof {
  // A case is a test by itself, and a bench has none.
  if (words === undefined || !/\.(test|suite)\.ts$/.test(file)) return { file, ...(words !== undefined && { words }) };
  const quoted = ["'", '"', '`'].map((quote) => `${quote}${words}${quote}`);
  return { file, words: quoted.find((title) => problemOf({ file, words: title }) === undefined) ?? `'${words}'` };
}

function inSection(section: string, feature: string): boolean {
  return lines.some((line) => line.section === section && line.feature === feature);
}

function namesOf({ fields }: Fields): string[] {
  return Object.keys(fields);
}
