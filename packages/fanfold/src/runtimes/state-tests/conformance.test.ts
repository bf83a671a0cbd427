/**
 * TestState as recorded on AWS. The recordings are not part of this repository: they are read from the folder that
 * FANFOLD_CASES names, or from `shared/conformance` beside the checkout, and left out without it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import type { FakeFunction } from '../../testing/server.fixture.ts';
import { type Answered, stateTests, testState } from '../../testing/state-tests.fixture.ts';

interface Recorded {
  readonly id: string;
  readonly kind: string;
  readonly needs: readonly string[];
  readonly request: JsonObject;
  readonly functions?: Readonly<Record<string, { readonly behaviour: string }>>;
}

/** What a client refuses before it sends anything. */
const CLIENT_SIDE = 'client-validation';

/** The functions of the recordings, by what they do. */
const BEHAVIOURS: Readonly<Record<string, FakeFunction>> = { echo: (event) => event, bytes: () => 'HelloWorld!' };

const FOLDER = process.env['FANFOLD_CASES'] ?? join(import.meta.dirname, '../../../../../../shared/conformance');
const found = existsSync(join(FOLDER, 'open.jsonl'));
if (!found) console.log(`The tests of states recorded on AWS are left out: there is no open.jsonl in ${FOLDER}`);

describe.skipIf(!found)('tests of states recorded on AWS', async () => {
  if (!found) return;
  const { compare } = (await import(pathToFileURL(join(FOLDER, 'compare.mjs')).href)) as {
    compare: (recorded: Recorded, actual: Answered) => { readonly diffs?: readonly string[] };
  };
  const cases = readFileSync(join(FOLDER, 'open.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded)
    .filter(({ kind, needs }) => kind === 'test_state' && !needs.includes(CLIENT_SIDE));

  it('are there', () => {
    expect(cases.length).toBeGreaterThan(100);
  });

  for (const recorded of cases) {
    it(recorded.id, async () => {
      const functions = Object.entries(recorded.functions ?? {}).map(([name, { behaviour }]) => [
        name,
        BEHAVIOURS[behaviour],
      ]);
      const tests = stateTests({ functions: Object.fromEntries(functions) as Record<string, FakeFunction> });
      const answered = await testState({ roleArn: 'arn:aws:iam::111111111111:role/test', ...recorded.request }, tests);
      expect(compare(recorded, answered).diffs ?? []).toEqual([]);
    });
  }
});
