import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anExecution, records, values } from '../../testing/store.fixture.ts';
import { inPlace } from '../../testing/stored-value.fixture.ts';
import { type ChildToPack, decodeChildren, encodeChildren } from './child-pack-codec.ts';
import { encodeExecution } from './header-codec.ts';
import { encodeHistory } from './history-codec.ts';

const children: fc.Arbitrary<ChildToPack[]> = fc.array(
  fc.record({
    index: fc.nat(2 ** 40),
    id: fc.nat(2 ** 40),
    startedAt: fc.nat(2_000_000_000_000),
    stoppedAt: fc.nat(2_000_000_000_000),
    header: values.map((input) => encodeExecution(anExecution('a', { input }), inPlace.put)),
    history: fc.array(
      records.map((each) => encodeHistory(each, inPlace.put)),
      { maxLength: 3 },
    ),
    frames: fc.array(
      fc.record({
        id: fc.constantFrom('0', '0.1', '0.1.2'),
        frame: fc.oneof(fc.string(), fc.uint8Array({ maxLength: 9 })),
      }),
      { maxLength: 2 },
    ),
  }),
  { maxLength: 6 },
);

describe('a pack of children', () => {
  it('gives back what was put into it', () => {
    fc.assert(
      fc.property(children, (packed) => {
        const wanted = packed.map((child) => ({
          ...child,
          header: JSON.parse(child.header) as unknown,
          history: child.history.map((run) => Buffer.from(run)),
          frames: child.frames.map(({ id, frame }) => ({
            id,
            frame: typeof frame === 'string' ? frame : Buffer.from(frame),
          })),
        }));
        expect(decodeChildren(encodeChildren(packed))).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });
});
