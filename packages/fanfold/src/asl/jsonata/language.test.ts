/** The synchronous build against the package as it comes: same results, same error codes, nothing changed on the way. */
import * as fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../json.ts';
import { anyExpression } from './expression.fixture.ts';
import { compileJsonata, JsonataError, JsonataSyntaxError } from './index.ts';
import { EXPRESSIONS, STATES, VARIABLES } from './language.fixture.ts';
import { deepFreeze, scopeOf } from './scope.fixture.ts';

interface Outcome {
  readonly value?: Json | undefined;
  /** The code; empty when the package stumbled over the expression without one. */
  readonly error?: string;
}

/** What JSON cannot hold is left out, as in JSON.stringify. */
function json(value: unknown): Json | undefined {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}

async function outcomeOfPackage(text: string): Promise<Outcome> {
  try {
    const bindings = structuredClone({ ...VARIABLES, states: STATES });
    return { value: json(await jsonata(text).evaluate(undefined, bindings)) };
  } catch (error) {
    return { error: (error as { code?: string }).code ?? '' };
  }
}

function outcomeOfOurs(text: string): Outcome {
  try {
    return { value: compileJsonata(text).evaluate(scopeOf(deepFreeze(STATES), deepFreeze(VARIABLES))) };
  } catch (error) {
    if (error instanceof JsonataSyntaxError || error instanceof JsonataError) return { error: error.code };
    throw error;
  }
}

/** Where the package gives up without a code (a TypeError inside), we may give a better answer. */
function expectSame(ours: Outcome, theirs: Outcome, text: string): void {
  if (theirs.error === '') return;
  expect(ours, text).toEqual(theirs);
}

/** An object constructor over an empty array puts an undefined item into that very array; ours leaves it alone. */
function withoutGifts(outcome: Outcome): Outcome {
  return JSON.parse(JSON.stringify(outcome).replaceAll('[null]', '[]')) as Outcome;
}

/** What is meant to be different: functions are no results here, $eval is not there. */
const DIFFERENT = new Set(['$eval', "/a+/('caat')"]);

for (const [group, texts] of Object.entries(EXPRESSIONS))
  describe(group, () => {
    test.each(texts.filter((text) => !DIFFERENT.has(text)))('%s', async (text) => {
      expectSame(outcomeOfOurs(text), await outcomeOfPackage(text), text);
    });
  });

test('any expression gives what the package gives', async () => {
  await fc.assert(
    fc.asyncProperty(anyExpression, async (text) => {
      const theirs = await outcomeOfPackage(text);
      const ours = outcomeOfOurs(text);
      // Numbers that JSON lacks, and functions, have their own tests.
      fc.pre(ours.error !== '' && !JSON.stringify(ours).match(/"-?Infinity"|"NaN"/));
      // The package evaluates the parts of arrays and objects at once: which of two errors comes first is chance.
      if (theirs.error && ours.error) return;
      expectSame(withoutGifts(ours), withoutGifts(theirs), text);
    }),
    { numRuns: 400 },
  );
});

test('evaluating twice gives the same twice', () => {
  fc.assert(
    fc.property(anyExpression, (text) => {
      expect(outcomeOfOurs(text)).toEqual(outcomeOfOurs(text));
    }),
    { numRuns: 200 },
  );
});
