/**
 * Generated machines: nested Pass, Task, Choice, Wait, Parallel and Map states, with retries and catches; families of
 * machines start executions of each other too.
 */
import fc from 'fast-check';
import type { Value } from '../interpreter/value.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Answer } from './simulate.fixture.ts';

/** What a task does at each try; a try beyond the last does as the last. */
type Outcome = 'ok' | 'fails' | 'hangs';

type Node =
  | { readonly kind: 'pass' | 'choice' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | {
      readonly kind: 'task';
      readonly outcomes: readonly Outcome[];
      readonly handling: Handling;
      readonly by: Doer;
    }
  | {
      readonly kind: 'execution';
      readonly form: '' | '.sync' | '.sync:2';
      readonly body: Chain;
      readonly handling: Handling;
    }
  | { readonly kind: 'parallel'; readonly branches: readonly Chain[]; readonly handling: Handling }
  | {
      readonly kind: 'map';
      readonly items: number;
      readonly maxConcurrency: number;
      readonly body: Chain;
      readonly handling: Handling;
    }
  | ({
      readonly kind: 'mapRun';
      readonly items: number;
      readonly body: Chain;
      readonly handling: Handling;
    } & Distribution);

/** How a Map is spread over child executions. */
interface Distribution {
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly maxConcurrency: number;
  /** Items of a batch; 0 is none. */
  readonly batch: number;
  /** Failures that are tolerated. */
  readonly tolerated: number;
  /** The items come from an ItemReader. */
  readonly reads: boolean;
  /** The results go to a ResultWriter. */
  readonly writes: boolean;
}

/** Who does a task: a function at once, or somebody whose outcome comes as a message: a job, whoever got a token, a worker. */
type Doer = 'function' | 'job' | 'token' | 'activity';

type Chain = readonly Node[];

interface Handling {
  readonly retries: number;
  readonly catches: boolean;
}

export interface GeneratedMachine {
  readonly definition: JsonObject;
  /** The machines whose executions it starts, by name. */
  readonly children: Readonly<Record<string, JsonObject>>;
  /** The same for the same state, try and input, however often and in whatever order tasks are asked. */
  readonly answer: (task: { readonly state: string; readonly parameters: Value }) => Answer;
}

export interface Families {
  /** No failures race, and so there is one end to come to. */
  readonly calm: boolean;
  readonly machines: fc.Arbitrary<GeneratedMachine>;
}

/** The Resource of tasks that are handed over to a job. */
export const JOB = 'arn:aws:states:::batch:submitJob.sync';

/** The activity of tasks that workers ask for. */
export const ACTIVITY = 'hands';

/** What the ARN of a machine begins with. */
const MACHINES = 'arn:aws:states:us-east-1:000000000000:stateMachine';

/** Of tasks with a token and of activities. */
export const HEARTBEAT_SECONDS = 60_000;

/** Longer than all waits and pauses of a generated machine together. */
export const TIMEOUT_SECONDS = 100_000;

/** The longest Wait, and longer than the pause before any try. */
export const LONGEST_PAUSE_SECONDS = 3;

const NO_HANDLING: Handling = { retries: 0, catches: false };

const ANY_HANDLING: fc.Arbitrary<Handling> = fc.record({
  retries: fc.integer({ min: 0, max: 2 }),
  catches: fc.boolean(),
});

/** Machines whose failures go where they will. */
export const WILD_MACHINES: fc.Arbitrary<GeneratedMachine> = machines(wildTask(fc.constant('function')), ANY_HANDLING);

/** The same, with jobs, tokens, activities, executions that start others, and map runs. */
export const WILD_FAMILIES: fc.Arbitrary<GeneratedMachine> = machines(
  wildTask(fc.constantFrom<Doer>('function', 'function', 'job', 'token', 'activity')),
  ANY_HANDLING,
  wildTask(fc.constant('function')),
);

/** Machines in which each failure is retried or caught by the state it happens in: no two failures race. */
export const CALM_MACHINES: fc.Arbitrary<GeneratedMachine> = machines(
  calmTask(fc.constant('function')),
  fc.constant(NO_HANDLING),
);

/**
 * The same, with jobs, tokens, executions that start others, and map runs. A worker may take a task and not get it, which is
 * never calm; and an EXPRESS child has five minutes, so that nothing may hang in it.
 */
export const CALM_FAMILIES: fc.Arbitrary<GeneratedMachine> = machines(
  calmTask(fc.constantFrom<Doer>('function', 'job', 'token')),
  fc.constant(NO_HANDLING),
  calmTask(fc.constant('function'), 'fails'),
);

/** A Map alone, whose iterations are one calm task each. */
export const CALM_MAPS: Families = { calm: true, machines: mapOf(calmTask(fc.constant('function'))) };

/** A Map alone, whose iterations are one task each that may fail. */
export const WILD_MAPS: Families = { calm: false, machines: mapOf(wildTask(fc.constant('function'))) };

/** A distributed Map alone, whose children are one task each that may fail. */
export const WILD_MAP_RUNS: Families = {
  calm: false,
  machines: mapRun(
    'STANDARD',
    wildTask(fc.constant('function')).map((task) => [task]),
    ANY_HANDLING,
  ).map((node) => build([node])),
};

function mapOf(task: fc.Arbitrary<Node>): fc.Arbitrary<GeneratedMachine> {
  return fc
    .record({
      kind: fc.constant('map' as const),
      items: fc.integer({ min: 2, max: 4 }),
      maxConcurrency: fc.constant(0),
      body: task.map((one) => [one]),
      handling: fc.constant(NO_HANDLING),
    })
    .map((node) => build([node]));
}

function wildTask(by: fc.Arbitrary<Doer>): fc.Arbitrary<Node> {
  return fc.record({
    kind: fc.constant('task' as const),
    outcomes: fc.array(fc.constantFrom<Outcome>('ok', 'ok', 'fails', 'hangs'), { minLength: 1, maxLength: 3 }),
    handling: ANY_HANDLING,
    by,
  });
}

function calmTask(by: fc.Arbitrary<Doer>, second: Outcome = 'hangs'): fc.Arbitrary<Node> {
  const retried = fc.integer({ min: 0, max: 2 }).map((failures) => ({
    outcomes: [...Array.from({ length: failures }, (_, i): Outcome => (i % 2 === 0 ? 'fails' : second)), 'ok' as const],
    handling: { retries: failures, catches: false },
  }));
  const caught = { outcomes: ['fails' as const], handling: { retries: 1, catches: true } };
  return fc
    .tuple(fc.oneof(retried, fc.constant(caught)), by)
    .map(([plan, doer]) => ({ kind: 'task', by: doer, ...plan }));
}

/** @param brief tasks of EXPRESS children; without them machines start no executions */
function machines(
  task: fc.Arbitrary<Node>,
  handling: fc.Arbitrary<Handling>,
  brief?: fc.Arbitrary<Node>,
): fc.Arbitrary<GeneratedMachine> {
  return chains(task, handling, brief)(3).map(build);
}

function chains(
  task: fc.Arbitrary<Node>,
  handling: fc.Arbitrary<Handling>,
  brief?: fc.Arbitrary<Node>,
): (depth: number) => fc.Arbitrary<Chain> {
  const briefChain = brief && chains(brief, handling);
  const leaf: fc.Arbitrary<Node> = fc.oneof(
    { weight: 3, arbitrary: task },
    fc.constantFrom<Node>({ kind: 'pass' }, { kind: 'choice' }),
    fc.integer({ min: 0, max: LONGEST_PAUSE_SECONDS }).map((seconds): Node => ({ kind: 'wait', seconds })),
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
      ...(briefChain
        ? [
            mapRun('STANDARD', inner, handling),
            mapRun('EXPRESS', briefChain(Math.min(depth - 1, 1)), handling),
            fc.record({
              kind: fc.constant('execution' as const),
              form: fc.constantFrom('' as const, '.sync' as const, '.sync:2' as const),
              body: inner,
              handling,
            }),
          ]
        : []),
    );
    return fc.array(fc.oneof(leaf, nested), { minLength: 1, maxLength: 2 });
  };
  return chain;
}

function mapRun(
  type: 'STANDARD' | 'EXPRESS',
  body: fc.Arbitrary<Chain>,
  handling: fc.Arbitrary<Handling>,
): fc.Arbitrary<Node> {
  return fc.record({
    kind: fc.constant('mapRun' as const),
    type: fc.constant(type),
    items: fc.integer({ min: 0, max: 5 }),
    maxConcurrency: fc.integer({ min: 0, max: 3 }),
    batch: fc.integer({ min: 0, max: 2 }),
    tolerated: fc.integer({ min: 0, max: 1 }),
    reads: fc.boolean(),
    writes: fc.boolean(),
    body,
    handling,
  });
}

/** What is gathered while a machine is built. */
interface Built {
  readonly outcomes: Map<string, readonly Outcome[]>;
  readonly children: Record<string, JsonObject>;
}

function build(chain: Chain): GeneratedMachine {
  const built: Built = { outcomes: new Map(), children: {} };
  const definition = buildBlock(chain, 'S', built);
  return { definition, children: built.children, answer: answerFrom(built.outcomes) };
}

function answerFrom(outcomes: ReadonlyMap<string, readonly Outcome[]>): GeneratedMachine['answer'] {
  return ({ state, parameters }) => {
    const used = Number(eventOf(parameters)['try'] ?? 0);
    const plan = outcomes.get(state) ?? [];
    const outcome = plan[Math.min(used, plan.length - 1)];
    if (outcome === 'hangs') return undefined;
    if (outcome === 'fails') return { error: 'Boom', cause: `try ${used} of ${state}` };
    return succeeded({ state, parameters });
  };
}

/** What a generated task comes to, whichever try it is. */
export function succeeded({ state, parameters }: { readonly state: string; readonly parameters: Value }): {
  readonly output: Json;
} {
  return { output: { by: state, got: checksum(JSON.stringify(eventOf(parameters)['input'])) } };
}

/** With a token the event stands within the parameters. */
function eventOf({ json }: Value): JsonObject {
  if (!isObject(json)) return {};
  return isObject(json['Payload']) ? json['Payload'] : json;
}

/** So that an input that went the wrong way shows in the output. */
function checksum(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) % 1_000_003;
  return sum;
}

/** Every block ends with a Pass, which is where catchers go on. */
function buildBlock(chain: Chain, prefix: string, built: Built): JsonObject {
  const name = (i: number): string => (i < chain.length ? `${prefix}${i}` : `${prefix}End`);
  const states: Record<string, Json> = {};
  for (const [i, node] of chain.entries()) {
    for (const [key, state] of buildNode(node, name(i), name(i + 1), `${prefix}End`, built)) states[key] = state;
  }
  states[`${prefix}End`] = { Type: 'Pass', End: true };
  return { StartAt: name(0), States: states };
}

function buildNode(
  node: Node,
  name: string,
  next: string,
  end: string,
  built: Built,
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
      built.outcomes.set(name, node.outcomes);
      return [
        [
          name,
          {
            Type: 'Task',
            ...WORK[node.by],
            TimeoutSeconds: TIMEOUT_SECONDS,
            ...handlers(node.handling, end),
            Next: next,
          },
        ],
      ];
    case 'execution': {
      built.children[name] = buildBlock(node.body, `${name}e`, built);
      const start = {
        Type: 'Task',
        Resource: `arn:aws:states:::states:startExecution${node.form}`,
        Parameters: { StateMachineArn: `${MACHINES}:${name}`, 'Input.$': '$' },
        // Times, and the child's name, are not the same in every order.
        ...(node.form === '' ? { ResultPath: null } : { OutputPath: '$.Output' }),
      };
      return [[name, { ...start, ...handlers(node.handling, end), Next: next }]];
    }
    case 'parallel': {
      const branches = node.branches.map((branch, i) => buildBlock(branch, `${name}b${i}x`, built));
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
            ItemProcessor: buildBlock(node.body, `${name}ix`, built),
            ...handlers(node.handling, end),
            Next: next,
          },
        ],
      ];
    }
    case 'mapRun': {
      const items = Array.from({ length: node.items }, (_, i) => ({ item: i }));
      const distributed = {
        Type: 'Map',
        ...distribution(node),
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: node.type },
          ...buildBlock(node.body, `${name}dx`, built),
        },
        ...handlers(node.handling, end),
        Next: next,
      };
      return [
        [name, { Type: 'Pass', Result: items, Next: `${name}Map` }],
        [`${name}Map`, distributed],
      ];
    }
    default:
      return node satisfies never;
  }
}

function distribution({
  items,
  maxConcurrency,
  batch,
  tolerated,
  reads,
  writes,
}: Extract<Node, { kind: 'mapRun' }>): JsonObject {
  return {
    MaxConcurrency: maxConcurrency,
    ...(batch > 0 && { ItemBatcher: { MaxItemsPerBatch: batch } }),
    ...(tolerated > 0 && { ToleratedFailureCount: tolerated }),
    ...(reads && {
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON' },
        Parameters: { Bucket: 'items', Key: String(items) },
      },
    }),
    ...(writes && {
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Parameters: { Bucket: 'results', Prefix: '' },
        WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSON' },
      },
    }),
  };
}

const EVENT: JsonObject = { 'try.$': '$$.State.RetryCount', 'input.$': '$' };

const WORK: Readonly<Record<Doer, JsonObject>> = {
  function: { Resource: 'arn:aws:lambda:us-east-1:000000000000:function:work', Parameters: EVENT },
  job: { Resource: JOB, Parameters: EVENT },
  token: {
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Parameters: { FunctionName: 'token', Payload: { ...EVENT, 'token.$': '$$.Task.Token' } },
    HeartbeatSeconds: HEARTBEAT_SECONDS,
  },
  activity: {
    Resource: `arn:aws:states:us-east-1:000000000000:activity:${ACTIVITY}`,
    Parameters: EVENT,
    HeartbeatSeconds: HEARTBEAT_SECONDS,
  },
};

function handlers({ retries, catches }: Handling, end: string): JsonObject {
  return {
    ...(retries > 0 && { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: retries }] }),
    ...(catches && { Catch: [{ ErrorEquals: ['States.ALL'], Next: end }] }),
  };
}
