import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.ts';

const entry = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('number' as const), value: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('signed' as const), value: fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }) }),
  fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'binary' }) }),
);

it('reads what was written, whatever size was expected', () => {
  fc.assert(
    fc.property(fc.array(entry), fc.nat(40), (entries, size) => {
      const writer = new ByteWriter(size);
      for (const { kind, value } of entries) {
        if (kind === 'text') writer.text(value);
        else writer[kind](value);
      }
      const reader = new ByteReader(writer.take());
      const numbers = entries.filter(({ kind }) => kind !== 'text').length;
      let read = 0;
      for (const { kind, value } of entries) {
        expect(reader.atEnd).toBe(read === numbers);
        if (kind === 'text') expect(reader.text(value.length)).toBe(value);
        else expect(reader[kind]()).toBe(value);
        if (kind !== 'text') read++;
      }
      expect(reader.atEnd).toBe(true);
    }),
  );
});
