import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import { type Frame, NOTHING } from '../../interpreter/frame.ts';
import { aFrame, frames, usualFrames } from '../../testing/store.fixture.ts';
import { inPlace, keepAll, readable } from '../../testing/stored-value.fixture.ts';
import { decodeFrame, encodeFrame } from './frame-codec.ts';

const TASK = {
  kind: 'task',
  parameters: Value.ofText('{}'),
  timeoutAt: null,
  heartbeatSeconds: null,
  submitted: false,
} as const;

const WRITTEN = '16022d01050e80d095ffbc310200020101e0a499ffbc3153706c69747b2269223a377d';
const WRITTEN_AS_TEXT =
  '{"id":"0/1.7","parent":"0","index":7,"block":1,"state":"Split","input":"{\\"i\\":7}","enteredAt":1700000000000,"enteredEvent":2,"lastEvent":2,"attempt":2,"retries":[1],"variables":null,"waiting":{"kind":"task","parameters":"{\\"i\\":7}","timeoutAt":1700000060000,"heartbeatSeconds":null,"submitted":true}}';

describe('the frame codec', () => {
  describe.each([
    ['any', frames],
    ['any usual', usualFrames],
  ])('gives back %s frame', (_, arbitrary) => {
    it('with its values in place', () => {
      fc.assert(
        fc.property(arbitrary, (frame) => {
          const decoded = decodeFrame(frame.id, encodeFrame(frame, inPlace.put), inPlace.get);
          expect(readable(decoded)).toEqual(readable(frame));
        }),
      );
    });

    it('with its values kept apart', () => {
      fc.assert(
        fc.property(arbitrary, (frame) => {
          const kept = keepAll();
          const decoded = decodeFrame(frame.id, encodeFrame(frame, kept.put), kept.get);
          expect(readable(decoded)).toEqual(readable(frame));
        }),
      );
    });
  });

  it('writes a usual frame as bytes, and any other as text', () => {
    fc.assert(fc.property(usualFrames, (frame) => typeof encodeFrame(frame, inPlace.put) !== 'string'));
    const usual = aFrame('0/1.7', { index: 7 });
    for (const rare of [
      { waiting: { kind: 'aborted', was: NOTHING } },
      { waiting: { ...TASK, redriveOf: [1] } },
      { waiting: { ...TASK, timeoutAt: 1.5 } },
      { waiting: { kind: 'retry', until: -1 } },
      { state: '\ud800' },
      { index: 8 },
      { parent: null },
      { later: true },
    ] as Partial<Frame>[]) {
      const frame = { ...usual, ...rare };
      const stored = encodeFrame(frame, inPlace.put);
      expect(typeof stored).toBe('string');
      expect(readable(decodeFrame(frame.id, stored, inPlace.get))).toEqual(readable(frame));
    }
  });

  it('takes few bytes for an iteration that waits for its task', () => {
    const input = Value.ofText('{"i":1234}');
    const waiting = { ...TASK, parameters: input };
    const frame = aFrame('0/1.1234', { index: 1234, input, enteredEvent: 6172, lastEvent: 6174, waiting });
    expect(encodeFrame(frame, inPlace.put).length).toBeLessThanOrEqual(35);
  });

  it('reads the bytes and the texts that earlier versions wrote', () => {
    const input = Value.ofText('{"i":7}');
    const waiting = { ...TASK, parameters: input, timeoutAt: 1_700_000_060_000, submitted: true };
    const frame = aFrame('0/1.7', { index: 7, block: 1, input, attempt: 2, retries: [1], waiting });
    expect(encodeFrame(frame, inPlace.put)).toEqual(Buffer.from(WRITTEN, 'hex'));
    for (const stored of [Buffer.from(WRITTEN, 'hex'), WRITTEN_AS_TEXT])
      expect(readable(decodeFrame('0/1.7', stored, inPlace.get))).toEqual(readable(frame));
    expect(() => decodeFrame('0', Buffer.from([2, 99, 0]), inPlace.get)).toThrow('of the unknown kind 99');
  });
});
