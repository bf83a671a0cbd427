import { describe, expect, it } from 'vitest';
import type { AnyDefinition } from './any-definition.ts';
import type { ProcessContext } from './definition.ts';
import { processRecord } from './process-record.ts';

const context = { signal: new AbortController().signal } as unknown as ProcessContext;

function run(process: (record: object) => unknown): unknown {
  return processRecord({ process } as unknown as AnyDefinition, { id: 1 }, context);
}

class Retryable extends Error {
  readonly retryable = true;
}

describe('processing a record', () => {
  it.for<[string, () => unknown, readonly object[]]>([
    ['nothing', () => undefined, []],
    ['null', () => null, []],
    ['an empty list', () => [], []],
    ['an object', () => ({ a: 1 }), [{ a: 1 }]],
    ['a list', () => [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 2 }]],
    ['an object of a class', () => new Retryable('x'), [new Retryable('x')]],
  ])('takes %s, at once or later', async ([, make, outputs]) => {
    expect(run(make)).toEqual({ kind: 'outputs', outputs });
    expect(await run(async () => make())).toEqual({ kind: 'outputs', outputs });
  });

  it.for<[string, () => unknown, string, string]>([
    [
      'an error',
      () => {
        throw new RangeError('too far');
      },
      'RangeError',
      'too far',
    ],
    [
      'a text',
      () => {
        throw 'no';
      },
      'Error',
      'no',
    ],
    ['a number as output', () => 5, 'NotAnOutput', 'process gave 5'],
    ['a null among outputs', () => [{ a: 1 }, null], 'NotAnOutput', 'process gave null in a list'],
    ['nothing among outputs', () => [undefined, { a: 1 }], 'NotAnOutput', 'process gave undefined in a list'],
    ['a list in a list', () => [[{ a: 1 }]], 'NotAnOutput', 'process gave a list in a list'],
    ['a promise in a list', () => [Promise.resolve({ a: 1 })], 'NotAnOutput', 'a promise that it has not awaited'],
    ['a map', () => new Map([['a', 1]]), 'NotAnOutput', 'process gave [object Map]'],
    ['what is to be gone through', () => [{ a: 1 }].values(), 'NotAnOutput', 'process gave [object Array Iterator]'],
    ['a date', () => new Date(0), 'NotAnOutput', 'process gave [object Date]'],
  ])('rejects the record for %s, at once or later', async ([, make, code, message]) => {
    for (const outcome of [await run(make), await run(async () => make())])
      expect(outcome).toMatchObject({ kind: 'rejected', code, message: expect.stringContaining(message) });
  });

  it('tries again what is retryable, and says how often when that did not help', async () => {
    let calls = 0;
    const second = await run(() => {
      calls++;
      if (calls < 2) throw new Retryable('busy');
      return { calls };
    });
    expect(second).toEqual({ kind: 'outputs', outputs: [{ calls: 2 }] });
    // oxlint-disable-next-line unicorn/no-thenable -- what query builders give
    const thenable = await run(() => ({ then: (take: (made: object) => void) => take({ a: 1 }) }));
    expect(thenable).toEqual({ kind: 'outputs', outputs: [{ a: 1 }] });
    const never = await run(async () => {
      throw new Retryable('busy');
    });
    expect(never).toEqual({ kind: 'rejected', code: 'Error', message: 'busy (after 4 tries)' });
  });
});
