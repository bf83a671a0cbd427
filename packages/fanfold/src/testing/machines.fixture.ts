/** Generated machines: nested Pass, Task, Choice, Wait, Parallel and Map states, with retries and catches. */
import fc from 'fast-check';
import type { Json, JsonObject } from '../json.ts';
import type { Answer, TaskCommand } from './simulate.fixture.ts';

/** What a task does at each try; a try beyond the last does as the last. */
type Outcome = 'ok' | 'fails' | 'hangs';

type Node =
  | { readonly kind: 'pass' | 'choice' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'task'; readonly outcomes: readonly Outcome[]; readonly handling: Handling }
  | { readonly kind: 'parallel'; readonly branches: readonly Chain[]; readonly handling: Handling }
  | {
      readonly kind: 'map';
      readonly items: number;
      readonly maxConcurrency: number;
      readonly body: Chain;
      readonly handling: Handling;
    };

type Chain = readonly Node[];

interface Handling {
  readonly retries: number;
  readonly catches: boolean;
}

export interface GeneratedMachine {
  readonly definition: JsonObject;
  /** The same for the same frame, state and try, in whatever order tasks are asked. */
  readonly answers: () => (task: TaskCommand) => Answer;
}

const NO_HANDLING: Handling = { retries: 0, catches: false };

const ANY_HANDLING: fc.Arbitrary<Handling> = fc.record({
  retries: fc.integer({ min: 0, max: 2 }),
  catches: fc.boolean(),
});

/** Machines whose failures go where they will. */
export const WILD_MACHINES: fc.Arbitrary<GeneratedMachine> = machines(
  fc.record({
    kind: fc.constant('task' as const),
    outcomes: fc.array(fc.constantFrom<Outcome>('ok', 'ok', 'fails', 'hangs'), { minLength: 1, maxLength: 3 }),
    handling: ANY_HANDLING,
  }),
  ANY_HANDLING,
);

/** Machines in which each failure is retried or caught by the state it happens in: no two failures race. */
export const CALM_MACHINES: fc.Arbitrary<GeneratedMachine> = machines(
  fc.oneof(
    fc.integer({ min: 0, max: 2 }).map((failures) => ({
      kind: 'task' as const,
      outcomes: [
        ...Array.from({ length: failures }, (_, i): Outcome => (i % 2 === 0 ? 'fails' : 'hangs')),
        'ok' as const,
      ],
      handling: { retries: failures, catches: false },
    })),
    fc.constant({
      kind: 'task' as const,
      outcomes: ['fails' as const],
      handling: { retries: 1, catches: true },
    }),
  ),
  fc.constant(NO_HANDLING),
);

function machines(task: fc.Arbitrary<Node>, handling: fc.Arbitrary<Handling>): fc.Arbitrary<GeneratedMachine> {
  const leaf: fc.Arbitrary<Node> = fc.oneof(
    { weight: 3, arbitrary: task },
    fc.constantFrom<Node>({ kind: 'pass' }, { kind: 'choice' }),
    fc.integer({ min: 0, max: 3 }).map((seconds): Node => ({ kind: 'wait', seconds })),
  );
  const chain = (depth: number): fc.Arbitrary<Chain> => {
    if (depth === 0) return fc.array(leaf, { minLength: 1, maxLength: 2 });
    const inner = chain(depth - 1);
    const nested: fc.Arbitrary<Node> = fc.oneof(
      fc.record({
        kind: fc.constant('parallel' as const),
        branches: fc.array(inner, { minLength: 1, maxLength: 3 }),
        handling,
      }),
      fc.record({
        kind: fc.constant('map' as const),
        items: fc.integer({ min: 0, max: 4 }),
        maxConcurrency: fc.integer({ min: 0, max: 2 }),
        body: inner,
        handling,
      }),
    );
    return fc.array(fc.oneof(leaf, nested), { minLength: 1, maxLength: 2 });
  };
  return chain(3).map(build);
}

function build(chain: Chain): GeneratedMachine {
  const outcomes = new Map<string, readonly Outcome[]>();
  return { definition: buildBlock(chain, 'S', outcomes), answers: () => answersOf(outcomes) };
}

function answersOf(outcomes: ReadonlyMap<string, readonly Outcome[]>): (task: TaskCommand) => Answer {
  const tries = new Map<string, number>();
  return ({ frame, state, parameters }) => {
    const key = `${frame} ${state}`;
    const used = tries.get(key) ?? 0;
    tries.set(key, used + 1);
    const plan = outcomes.get(state) ?? [];
    const outcome = plan[Math.min(used, plan.length - 1)];
    if (outcome === 'hangs') return undefined;
    if (outcome === 'fails') return { error: 'Boom', cause: `try ${used} of ${key}` };
    return { output: { by: state, got: parameters.text.length } };
  };
}

/** Every block ends with a Pass, which is where catchers go on. */
function buildBlock(chain: Chain, prefix: string, outcomes: Map<string, readonly Outcome[]>): JsonObject {
  const name = (i: number): string => (i < chain.length ? `${prefix}${i}` : `${prefix}End`);
  const states: Record<string, Json> = {};
  for (const [i, node] of chain.entries()) {
    for (const [key, state] of buildNode(node, name(i), name(i + 1), `${prefix}End`, outcomes)) states[key] = state;
  }
  states[`${prefix}End`] = { Type: 'Pass', End: true };
  return { StartAt: name(0), States: states };
}

function buildNode(
  node: Node,
  name: string,
  next: string,
  end: string,
  outcomes: Map<string, readonly Outcome[]>,
): readonly (readonly [string, Json])[] {
  switch (node.kind) {
    case 'pass':
      return [[name, { Type: 'Pass', Parameters: { 'in.$': 'States.ArrayLength(States.Array($))' }, Next: next }]];
    case 'choice':
      return [
        [name, { Type: 'Choice', Choices: [{ Variable: '$.by', IsPresent: true, Next: `${name}Yes` }], Default: next }],
        [`${name}Yes`, { Type: 'Pass', ResultPath: null, Next: next }],
      ];
    case 'wait':
      return [[name, { Type: 'Wait', Seconds: node.seconds, Next: next }]];
    case 'task':
      outcomes.set(name, node.outcomes);
      return [
        [
          name,
          {
            Type: 'Task',
            Resource: 'arn:aws:lambda:us-east-1:000000000000:function:work',
            TimeoutSeconds: 5,
            ...handlers(node.handling, end),
            Next: next,
          },
        ],
      ];
    case 'parallel': {
      const branches = node.branches.map((branch, i) => buildBlock(branch, `${name}b${i}x`, outcomes));
      return [[name, { Type: 'Parallel', Branches: branches, ...handlers(node.handling, end), Next: next }]];
    }
    case 'map': {
      const items = Array.from({ length: node.items }, (_, i) => ({ item: i }));
      return [
        [name, { Type: 'Pass', Result: items, Next: `${name}Map` }],
        [
          `${name}Map`,
          {
            Type: 'Map',
            MaxConcurrency: node.maxConcurrency,
            ItemProcessor: buildBlock(node.body, `${name}ix`, outcomes),
            ...handlers(node.handling, end),
            Next: next,
          },
        ],
      ];
    }
    default:
      return node satisfies never;
  }
}

function handlers({ retries, catches }: Handling, end: string): JsonObject {
  return {
    ...(retries > 0 && { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: retries }] }),
    ...(catches && { Catch: [{ ErrorEquals: ['States.ALL'], Next: end }] }),
  };
}
