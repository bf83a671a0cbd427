import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTaskToken, taskToken, type TokenTask } from './task-token.ts';

const TASK: TokenTask = {
  executionArn: 'arn:aws:states:us-east-1:000000000000:execution:machine:run-é',
  startedAt: 1_700_000_000_000,
  frame: '0/1.7',
  attempt: 3,
};

const tasks: fc.Arbitrary<TokenTask> = fc.record({
  executionArn: fc.string({ unit: 'grapheme' }),
  startedAt: fc.maxSafeNat(),
  frame: fc.string(),
  attempt: fc.nat(),
});

describe('a task token', () => {
  it('gives back the task that it was made for, and is the same each time', () => {
    fc.assert(
      fc.property(tasks, fc.string(), (task, secret) => {
        const token = taskToken(secret, task);
        // Commands take what begins with a minus for an option.
        expect(token).toMatch(/^[A-Za-z][\w-]+$/);
        expect(taskToken(secret, task)).toBe(token);
        expect(readTaskToken(secret, token)).toEqual(task);
      }),
    );
  });

  it('is of no use with another secret', () => {
    expect(readTaskToken('b', taskToken('a', TASK))).toBeUndefined();
  });

  it.each(Object.entries({ executionArn: 'x', startedAt: 1, frame: '0', attempt: 4 }))(
    'is another one for another %s',
    (field, value) => {
      expect(taskToken('a', { ...TASK, [field]: value })).not.toBe(taskToken('a', TASK));
    },
  );

  it('is refused when one character of it is changed, left out or added', () => {
    const token = taskToken('a', TASK);
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...characters), (at, character) => {
        const rest = token.slice(at + 1);
        for (const changed of [token.slice(0, at) + rest, token.slice(0, at) + character + token.slice(at)])
          expect(readTaskToken('a', changed)).toBeUndefined();
        const replaced = readTaskToken('a', token.slice(0, at) + character + rest);
        // The last character may hold bits that mean nothing.
        if (token[at] !== character && at < token.length - 1) expect(replaced).toBeUndefined();
      }),
    );
  });

  it.each(['', '1', '{}', 'AAAA', 'not a token', 'ä', '='.repeat(40), 'A'.repeat(2048), '../../etc/passwd'])(
    'is not %j',
    (token) => {
      expect(readTaskToken('a', token)).toBeUndefined();
    },
  );
});
