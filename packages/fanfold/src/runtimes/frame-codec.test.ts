import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Value } from '../interpreter/value.ts';
import { anExecution, frames } from '../testing/store.fixture.ts';
import { inPlace, keepAll, readable } from '../testing/stored-value.fixture.ts';
import { decodeExecution, decodeFrame, encodeExecution, encodeFrame } from './frame-codec.ts';

describe('the frame codec', () => {
  it('gives back any frame', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(readable(decodeFrame(encodeFrame(frame, inPlace.put), inPlace.get))).toEqual(readable(frame));
      }),
    );
  });

  it('gives back any frame with its values kept apart', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const kept = keepAll();
        expect(readable(decodeFrame(encodeFrame(frame, kept.put), kept.get))).toEqual(readable(frame));
      }),
    );
  });

  it('gives back a header, open or closed', () => {
    const open = anExecution('a', { input: Value.ofText(' [1, 2] '), ready: ['0', '0/1.3'] });
    const closed = anExecution('b', {
      status: 'SUCCEEDED',
      output: Value.ofText('"\u{1f600}"'),
      stoppedAt: 5,
      origin: { kind: 'task', executionArn: open.arn, frame: '0', attempt: 2, output: 'json' },
    });
    for (const execution of [open, closed])
      expect(readable(decodeExecution(encodeExecution(execution, inPlace.put), inPlace.get))).toEqual(
        readable(execution),
      );
  });
});
