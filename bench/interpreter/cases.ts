/** The definitions that every contender runs, with their inputs and what must come out. */
import { isArray, isObject, type Json } from '../../packages/fanfold/src/json.ts';

export interface Case {
  readonly title: string;
  readonly definition: object;
  readonly input: () => Json;
  /** States entered. */
  readonly transitions: number;
  /** Events of the history, where one is kept. */
  readonly events: number;
  readonly isRight: (output: Json) => boolean;
}

const ROUNDS = 10_000;
const PAYLOAD_BYTES = 10_000_000;

export const CASES = {
  loop: {
    title: `Choice and Pass, ${ROUNDS.toLocaleString('en')} rounds`,
    definition: {
      StartAt: 'Enough?',
      States: {
        'Enough?': {
          Type: 'Choice',
          Choices: [{ Variable: '$.n', NumericLessThan: ROUNDS, Next: 'Count' }],
          Default: 'Done',
        },
        Count: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'Enough?' },
        Done: { Type: 'Succeed' },
      },
    },
    input: () => ({ n: 0 }),
    transitions: 2 * ROUNDS + 2,
    events: 2 * (2 * ROUNDS + 2) + 2,
    isRight: (output) => isObject(output) && output['n'] === ROUNDS,
  },
  map: mapOf(100_000),
  shaped: shapedMapOf(100_000),
  'payload-1': payloadOf(1),
  'payload-20': payloadOf(20),
  million: mapOf(1_000_000),
} as const satisfies Record<string, Case>;

export type CaseName = keyof typeof CASES;

/** Three Pass states an item, which change nothing. */
function mapOf(items: number): Case {
  const pass = (next: object): object => ({ Type: 'Pass', ...next });
  return {
    ...mapCase(items, { A: pass({ Next: 'B' }), B: pass({ Next: 'C' }), C: pass({ End: true }) }),
    title: `Map over ${items.toLocaleString('en')} items × 3 states`,
    isRight: (output) => isEvery(output, items, (item, i) => isObject(item) && item['id'] === i),
  };
}

/** Three states an item that shape its data. */
function shapedMapOf(items: number): Case {
  return {
    ...mapCase(items, {
      A: { Type: 'Pass', Parameters: { 'id.$': '$.id', 'next.$': 'States.MathAdd($.id, 1)' }, Next: 'B' },
      B: { Type: 'Pass', Result: { ok: true }, ResultPath: '$.checked', Next: 'C' },
      C: { Type: 'Pass', InputPath: '$.next', ResultPath: '$.copy', End: true },
    }),
    title: `Map over ${items.toLocaleString('en')} items × 3 states that shape data`,
    isRight: (output) => isEvery(output, items, (item, i) => isObject(item) && item['copy'] === i + 1),
  };
}

function mapCase(items: number, states: object): Omit<Case, 'title' | 'isRight'> {
  return {
    definition: {
      StartAt: 'Each',
      States: { Each: { Type: 'Map', ItemProcessor: { StartAt: 'A', States: states }, End: true } },
    },
    input: () => Array.from({ length: items }, (_, id) => ({ id })),
    transitions: 3 * items + 1,
    events: (2 + 2 * 3) * items + 6,
  };
}

/** A large value that is only passed on. */
function payloadOf(states: number): Case {
  const name = (i: number): string => `Pass ${i}`;
  const row = { name: 'a value that stands for many others', amount: 12.5, tags: ['one', 'two'] };
  const rows = Math.ceil(PAYLOAD_BYTES / (JSON.stringify(row).length + 1));
  return {
    title: `${PAYLOAD_BYTES / 1e6} MB through ${states} state${states === 1 ? '' : 's'}`,
    definition: {
      StartAt: name(1),
      States: Object.fromEntries(
        Array.from({ length: states }, (_, i) => [
          name(i + 1),
          { Type: 'Pass', ...(i + 1 === states ? { End: true } : { Next: name(i + 2) }) },
        ]),
      ),
    },
    input: () => Array.from({ length: rows }, () => ({ ...row, tags: [...row.tags] })),
    transitions: states,
    events: 2 * states + 2,
    isRight: (output) => isArray(output) && output.length === rows,
  };
}

function isEvery(output: Json, length: number, isRight: (item: Json, index: number) => boolean): boolean {
  return isArray(output) && output.length === length && output.every(isRight);
}
