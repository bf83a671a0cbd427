/**
 * Definitions that AWS took or refused, and a corpus of bad and hostile ones. They are not part of this repository: they are
 * read from the folder that FANFOLD_CASES names and the one beside it (`../hostile`), or from `shared/` beside the
 * checkout, and left out without them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatFindings, type Finding } from '../finding.ts';
import { readJson } from '../source/json.ts';
import { threadTime } from '../../testing/thread-time.fixture.ts';
import type { MachineType } from './context.ts';
import { validateText } from './validate.ts';

const RECORDED = process.env.FANFOLD_CASES ?? join(import.meta.dirname, '../../../../../../shared/conformance');
const HOSTILE = join(RECORDED, '../hostile');

/** What does not come out as the corpus says; ADR 9 says why at length. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ['asl-valid/av-path-array-context', 'Jayway, and so AWS, has no script expressions: $[(@.length-1)]'],
  [
    'asl-valid/av-task-intrisic-function',
    'a Resource that CloudFormation has still to fill in ({"Ref": …}) is no ARN to AWS',
  ],
  [
    'asl-invalid/av-json-surround-syntax-extra-spaces',
    'white space inside of {% … %} is JSONata: the specification allows it',
  ],
  ['asl-invalid/av-jsonata-surround-syntax-no-spaces', '{%10%}: the specification asks for no spaces inside'],
  ['asl-invalid/av-math-add', "the types of an intrinsic function's arguments are checked when it runs"],
]);

interface Item {
  readonly id: string;
  readonly area: string;
  readonly path?: string;
  readonly expect: {
    readonly verdict: 'accept' | 'reject' | 'either' | 'runtime-error' | 'safe';
    readonly code?: string;
    readonly location?: string;
    readonly aws_text?: string;
    readonly stateMachineType?: MachineType;
  };
}

const MANIFEST = join(HOSTILE, 'manifest.json');
const found = existsSync(MANIFEST) && existsSync(join(RECORDED, 'open.jsonl'));
if (!found)
  console.log(`The corpora of definitions are left out: there is no open.jsonl in ${RECORDED}, or no ${MANIFEST}`);

describe.skipIf(!found)('the hostile corpus', () => {
  if (!found) return;
  const items = (JSON.parse(readFileSync(MANIFEST, 'utf8')) as Item[]).filter((item) => item.path !== undefined);
  const of = (...areas: readonly string[]): [string, Item][] =>
    items.filter((item) => areas.includes(item.area)).map((item) => [item.id, item]);

  it.each(of('asl-valid', 'asl-runtime'))('%s is accepted', (id, item) => {
    const refused = errorsOf(item).length > 0;
    expect(refused).toBe(DIFFERENT.has(id));
  });

  it.each(of('asl-invalid'))('%s is refused', (id, item) => {
    const { code, location, aws_text: text } = item.expect;
    const errors = errorsOf(item);
    if (DIFFERENT.has(id)) {
      expect(errors).toEqual([]);
      return;
    }
    expect(errors.length).toBeGreaterThan(0);
    expect(errors).toContainEqual(
      expect.objectContaining({
        ...(code !== undefined && { code }),
        ...(location !== undefined && { location }),
        ...(text !== undefined && { message: expect.stringContaining(text) as string }),
      }),
    );
  });

  // What may be refused is refused here, or fails when it runs: nothing of it gets further than that.
  it.each(of('asl-hostile').filter(([, item]) => item.expect.verdict === 'accept'))('%s is accepted', (_, item) => {
    expect(errorsOf(item)).toEqual([]);
  });

  it.each(of('asl-hostile'))('%s is read without harm', (_, item) => {
    const text = readFileSync(join(HOSTILE, item.path ?? ''), 'utf8');
    expect(threadTime(() => validateText(text))).toBeLessThan(1000);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(([] as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each(of('json'))('%s', (_, item) => {
    const read = readBytes(readFileSync(join(HOSTILE, item.path ?? '')));
    const { verdict } = item.expect;
    if (verdict === 'accept' || verdict === 'reject') expect(read).toBe(verdict === 'accept');
  });

  it('20,000 states in one another are refused at once', () => {
    let text = '{"StartAt":"N","States":{"N":{"Type":"Succeed"}}}';
    for (let i = 0; i < 20_000; i++)
      text = `{"StartAt":"N${i}","States":{"N${i}":{"Type":"Parallel","End":true,"Branches":[${text}]}}}`;
    const refused = (): void => expect(validateText(text)).toMatchObject([{ code: 'TOO_DEEPLY_NESTED' }]);
    expect(threadTime(refused)).toBeLessThan(1000);
  });
});

function errorsOf({ path, expect: { stateMachineType } }: Item): readonly Finding[] {
  const text = readFileSync(join(HOSTILE, path ?? ''), 'utf8');
  const findings = validateText(text, stateMachineType ? { type: stateMachineType } : {});
  return findings.filter((finding) => finding.severity === 'ERROR');
}

/** Whether bytes can be read: what is no UTF-8 is none of JSON. */
function readBytes(bytes: Uint8Array): boolean {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return false;
  }
  return readJson(text).ok;
}

interface Recorded {
  readonly id: string;
  readonly kind: string;
  readonly definition?: unknown;
  readonly definition_text?: string;
  readonly type?: MachineType;
  readonly request: { readonly definition: string; readonly type: MachineType };
  readonly expected: { readonly response: { readonly diagnostics: readonly Finding[] } };
  readonly steps?: readonly {
    readonly op: string;
    readonly params: { readonly definition?: string; readonly type?: MachineType };
    readonly expect_error?: { readonly code: string; readonly message: string };
  }[];
}

describe.skipIf(!found)('recorded on AWS', () => {
  if (!found) return;
  const cases = readFileSync(join(RECORDED, 'open.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded);

  it.each(cases.filter(({ kind }) => kind === 'validate').map((recorded) => [recorded.id, recorded] as const))(
    '%s',
    (_, { request, expected }) => {
      const findings = validateText(request.definition, { type: request.type });
      const diagnostics = findings.map(({ code, location, message, severity }) => ({
        code,
        location,
        message,
        severity,
      }));
      expect(diagnostics).toEqual(expected.response.diagnostics);
    },
  );

  it('takes every definition that ran', () => {
    const refused = cases
      .filter(({ kind }) => kind === 'execution')
      .map(({ id, definition_text: text, definition, type }) => [
        id,
        formatFindings(validateText(text ?? JSON.stringify(definition), { type: type ?? 'STANDARD' })),
      ])
      .filter(([, problem]) => problem !== '');
    expect(refused).toEqual([]);
  });

  const creations = cases.flatMap(({ id, steps }) =>
    (steps ?? [])
      .filter(({ op, params }) => /^(Create|Update)StateMachine$/.test(op) && params.definition !== undefined)
      .map((step) => [id, step] as const),
  );

  it('takes and refuses what CreateStateMachine did, in the same words', () => {
    const answers = creations.map(([id, { params }]) => {
      const problem = formatFindings(validateText(params.definition ?? '', { type: params.type ?? 'STANDARD' }));
      return [id, problem && `Invalid State Machine Definition: '${problem}'`];
    });
    const recorded = creations.map(([id, { expect_error: error }]) => [
      id,
      error?.code === 'InvalidDefinition' ? error.message : '',
    ]);
    expect(answers).toEqual(recorded);
    expect(recorded.filter(([, message]) => message !== '')).not.toEqual([]);
  });
});
