import { equalJson, type Json } from '../../json.ts';
import { intrinsicFailure } from './arguments.ts';
import type { Intrinsics } from './intrinsic.ts';

/** The most items that ArrayRange gives (ASL, intrinsic functions). */
const MAX_RANGE = 1000;

export const ARRAYS: Intrinsics = {
  'States.Array': {
    min: 0,
    max: Number.POSITIVE_INFINITY,
    run: (args) => Array.from({ length: args.count }, (_, i) => args.json(i)),
  },
  'States.ArrayPartition': {
    min: 2,
    max: 2,
    run: (args) => {
      const items = args.array(0);
      const size = args.integer(1);
      if (size < 1) return args.fail('the chunk size must be a positive number');
      return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
    },
  },
  'States.ArrayContains': {
    min: 2,
    max: 2,
    run: (args) => args.array(0).some((item) => equalJson(item, args.json(1))),
  },
  'States.ArrayRange': {
    min: 3,
    max: 3,
    run: (args) => {
      const [first, last, step] = [args.integer(0), args.integer(1), args.integer(2)];
      if (step === 0) return args.fail('the step must not be zero');
      const count = Math.max(0, Math.floor((last - first) / step) + 1);
      if (count > MAX_RANGE)
        throw intrinsicFailure(`States.ArrayRange would give ${count} items; at most ${MAX_RANGE} are allowed`);
      return Array.from({ length: count }, (_, i) => first + i * step);
    },
  },
  'States.ArrayGetItem': {
    min: 2,
    max: 2,
    run: (args) => {
      const items = args.array(0);
      const index = args.integer(1);
      return index < 0 || index >= items.length ? args.fail(`there is no item ${index}`) : (items[index] as Json);
    },
  },
  'States.ArrayLength': { min: 1, max: 1, run: (args) => args.array(0).length },
  'States.ArrayUnique': {
    min: 1,
    max: 1,
    run: (args) => {
      const seen = new Set<string>();
      return args.array(0).filter((item) => {
        const key = canonical(item);
        return !seen.has(key) && seen.add(key);
      });
    },
  },
};

/** A text that equal values share, whatever the order of their keys. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
