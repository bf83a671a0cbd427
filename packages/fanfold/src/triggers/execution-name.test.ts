import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectEvent } from '../ports/objects.ts';
import { executionName } from './execution-name.ts';

const trigger = { name: 'intake', bucket: 'in-bucket', stateMachineArn: 'arn' };

function eventOf(key: string, sequencer = '0000000000000001', bucket = 'in-bucket'): ObjectEvent {
  const at = new Date(0);
  const described = { size: 1, eTag: 'e', lastModified: at, contentType: 'text/csv', metadata: {}, details: {} };
  return { id: 1, name: 'ObjectCreated:Put', at, object: { bucket, key, sequencer, ...described } };
}

const stemOf = (key: string): string => executionName(trigger, eventOf(key)).slice(0, -17);

describe('the name of an execution', () => {
  it.each([
    ['in/orders.csv', 'orders'],
    ['orders', 'orders'],
    ['in/my file+1.csv', 'my-file-1'],
    ['in/M\u00e4rz (2).csv', 'Marz-2'],
    ['in/Ma\u0308rz.tar.gz', 'Marz-tar'],
    ['in/.hidden', 'hidden'],
    ['in/folder/', 'folder'],
    ['in/\u6f22\u5b57.csv', 'intake'],
    ['/', 'intake'],
    [`in/${'long'.repeat(60)}.csv`, 'long'.repeat(16).slice(0, 63)],
  ])('begins with what can be read of %j', (key, stem) => {
    expect(stemOf(key)).toBe(stem);
  });

  it('is the same for the same event and another for any other', () => {
    const names = [
      executionName(trigger, eventOf('a.csv')),
      executionName(trigger, eventOf('a.csv', '0000000000000002')),
      executionName(trigger, eventOf('b/a.csv')),
      executionName(trigger, eventOf('a.csv', '0000000000000001', 'other-bucket')),
      executionName({ ...trigger, name: 'other' }, eventOf('a.csv')),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(executionName(trigger, eventOf('a.csv'))).toBe(names[0]);
  });

  it('holds to the rules of AWS for any key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (key) => {
        expect(executionName(trigger, eventOf(key))).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}-[0-9a-f]{16}$/);
      }),
    );
  });
});
