import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { values } from '../../testing/store.fixture.ts';
import { inPlace, keepAll, readable } from '../../testing/stored-value.fixture.ts';
import { decodeOutputs, encodeOutputs } from './outputs-codec.ts';

const outputs = fc.array(fc.record({ fork: fc.constant('0/1'), index: fc.nat(), value: values }));

describe('the outputs codec', () => {
  it.each([
    ['in place', () => inPlace],
    ['kept apart', keepAll],
  ])('gives back what was encoded, its values %s', (_, keeping) => {
    fc.assert(
      fc.property(outputs, (run) => {
        const { put, get } = keeping();
        expect(readable(decodeOutputs('0/1', encodeOutputs(run, put), get))).toEqual(readable(run));
      }),
    );
  });

  it('reads what earlier versions wrote', () => {
    expect(readable(decodeOutputs('0/1', '[[3,"{\\"a\\":1}"],[0,"2"]]', inPlace.get))).toEqual(
      readable(
        decodeOutputs('0/1', Buffer.from('0403 0e00 02 7b2261223a317d32'.replaceAll(' ', ''), 'hex'), inPlace.get),
      ),
    );
  });
});
