import { copyObject, parseJson, setKey } from '../../json.ts';
import { intrinsicFailure } from './arguments.ts';
import type { Intrinsics } from './intrinsic.ts';

export const DATA: Intrinsics = {
  'States.StringToJson': {
    min: 1,
    max: 1,
    run: (args) => {
      const text = args.text(0);
      // AWS reads a blank text as null.
      if (text.trim() === '') return null;
      try {
        return parseJson(text);
      } catch {
        throw intrinsicFailure(`Invalid arguments in States.StringToJson: the text is not JSON`);
      }
    },
  },
  'States.JsonToString': { min: 1, max: 1, run: (args) => JSON.stringify(args.json(0)) },
  'States.JsonMerge': {
    min: 3,
    max: 3,
    run: (args) => {
      if (args.json(2) !== false)
        return args.fail('only shallow merging is supported: the third argument must be false');
      const merged = copyObject(args.object(0));
      for (const [key, value] of Object.entries(args.object(1))) setKey(merged, key, value);
      return merged;
    },
  },
  'States.MathAdd': { min: 2, max: 2, run: (args) => args.finite(args.integer(0) + args.integer(1)) },
  'States.MathRandom': {
    min: 2,
    max: 3,
    run: (args, scope) => {
      const [from, to] = [args.integer(0), args.integer(1)];
      if (to <= from) return args.fail('the end must be greater than the start');
      const random = args.count === 3 ? seeded(args.integer(2)) : scope.random();
      return args.finite(from + Math.floor(random * (to - from)));
    },
  },
  'States.UUID': { min: 0, max: 0, run: (_, scope) => scope.uuid() },
};

/** One number in [0, 1) from a seed: the same seed gives the same number. */
function seeded(seed: number): number {
  let state = (seed + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
