/** Bugs, planted around a driver and its store, each of which the simulation must see. */
import { isClosed } from '../../interpreter/execution.ts';
import type { Frame } from '../../interpreter/frame.ts';
import type { ActivityTask, TakeParams } from '../../ports/activities.ts';
import type { ItemSources, SourceItem } from '../../ports/item-sources.ts';
import type { MapRunResult } from '../../ports/map-runs.ts';
import type { TaskRef } from '../../ports/services.ts';
import type { TaskTokens } from '../../ports/task-tokens.ts';
import type { ChildOutput, Commit, LoadedExecution, Store } from '../../ports/store.ts';
import { CALM_MAPS, type Families, WILD_MAP_RUNS, WILD_MAPS } from '../../testing/machines.fixture.ts';
import { around, type TestClock } from '../driver.fixture.ts';
import type { Ledger } from './ledger.fixture.ts';

type Take = (params: TakeParams) => Promise<ActivityTask | undefined>;

export interface Fault {
  /** Between the driver and everything that is watched. */
  readonly above?: (store: Store) => Store;
  /** Between what is watched and the store; `process` counts the processes before this one. */
  readonly below?: (store: Store, process: number) => Store;
  readonly sources?: (sources: ItemSources, process: number) => ItemSources;
  readonly clock?: (clock: TestClock, process: number) => TestClock;
  readonly take?: (take: Take) => Take;
  readonly tokens?: (tokens: TaskTokens) => TaskTokens;
  readonly tokenSecret?: (process: number) => string;
  /** Which task an outcome that comes again is taken for. */
  readonly taken?: (task: TaskRef, ledger: Ledger) => TaskRef;
}

export interface PlantedFault extends Fault {
  /** Machines that it shows in before long. @defaultValue all families */
  readonly families?: Families;
  /** What is said when it is seen. */
  readonly seenAs: RegExp;
}

/** Changes commits on their way from the driver. */
function changed(change: (commit: Commit) => Commit): (store: Store) => Store {
  return (store) => around(store, (call, go) => ('commit' in call ? go(change(call.commit)) : go()));
}

export const FAULTS: Readonly<Record<string, PlantedFault>> = {
  'tells of a commit before it is durable': {
    seenAs: /I2: /,
    families: WILD_MAPS,
    above: (store) =>
      around(store, (call, go) => {
        const done = go();
        return call.kind === 'commit' ? (Promise.resolve() as typeof done) : done;
      }),
  },
  'writes a commit in the background': {
    seenAs: /I1: |I9: /,
    below: (store) =>
      around(store, (call, go) => {
        if (call.kind !== 'commit' || call.number % 3 !== 0) return go();
        return Promise.resolve() as ReturnType<typeof go>;
      }),
  },
  'loses a frame': {
    seenAs: /I1: .*(frame|in the store)/,
    below: changed((commit) => ({ ...commit, frames: new Map([...commit.frames].slice(1)) })),
  },
  'never drops a frame': {
    seenAs: /I1: /,
    below: changed((commit) => ({ ...commit, frames: new Map([...commit.frames].filter(([, frame]) => frame)) })),
  },
  'loses an output of a child': {
    seenAs: /I1: /,
    above: changed((commit) => ({ ...commit, outputs: commit.outputs.slice(1) })),
  },
  'loses an event': {
    seenAs: /I1: event/,
    above: changed((commit) => ({ ...commit, history: commit.history.slice(1) })),
  },
  'appends an outcome twice': {
    seenAs: /I3: outcome \d+ of .* is the second one/,
    above: changed((commit) => {
      const last = commit.history.at(-1);
      const outcome = commit.history.find(({ type }) => /^(LambdaFunction|Task)Succeeded$/.test(type));
      if (!last || !outcome) return commit;
      const again = { ...outcome, id: last.id + 1, at: last.at };
      const execution = { ...commit.execution, lastEventId: again.id };
      return { ...commit, execution, history: [...commit.history, again] };
    }),
  },
  'loses the message of a child that has ended': {
    seenAs: /I9: /,
    below: changed((commit) => ({ ...commit, outbox: [] })),
  },
  'forgets a message before its receiver has taken it in': {
    seenAs: /I9: the end of .* is forgotten/,
    above: (store) => {
      const commit: Store['commit'] = async (commit) => {
        const done = store.commit(commit);
        for (const message of commit.outbox) void done.then(() => store.acknowledge(message));
        await done;
      };
      return replacing(store, { commit });
    },
  },
  'finds the outputs of children in another order': {
    families: CALM_MAPS,
    seenAs: /I6: /,
    below: (store) => loading(store, (loaded) => ({ ...loaded, outputs: mixed(loaded.outputs) })),
  },
  'finds a frame as it stood before': {
    seenAs: /I[1-9]: |stuck/,
    below: (store) => {
      const earlier = (frame: Frame): Frame => ({ ...frame, attempt: frame.attempt - 1 });
      return loading(store, (loaded) => ({
        ...loaded,
        frames: new Map([...loaded.frames].map(([id, frame]) => [id, earlier(frame)])),
      }));
    },
  },
  'forgets a timer when it recovers': {
    seenAs: /stuck/,
    clock: (clock, process) => {
      let forgets = process > 0;
      return {
        ...clock,
        wake: (at, run) => {
          if (!forgets) return clock.wake(at, run);
          forgets = false;
          return () => {};
        },
      };
    },
  },
  'forgets when the last event was when it recovers': {
    seenAs: /I1: event .* is older than the one before/,
    below: (store) =>
      loading(store, (loaded) => {
        const { lastEventAt: _, ...execution } = loaded.execution;
        return { ...loaded, execution };
      }),
  },
  'counts deadlines from the latest time that there ever was': {
    seenAs: /Time: .* longer than/,
    clock: (clock) => {
      let latest = clock.now();
      return {
        ...clock,
        now: () => {
          latest = Math.max(latest, clock.now());
          return latest;
        },
      };
    },
  },
  'leaves timers behind': {
    seenAs: /I8: /,
    clock: (clock) => ({
      ...clock,
      wake: (at, run) => {
        clock.wake(at, run);
        return () => {};
      },
    }),
  },
  'takes an outcome of an earlier attempt for one of this': {
    seenAs: /I6: |stuck/,
    taken: (task, ledger) => {
      const attempt = ledger.executions.get(task.executionArn)?.frames.get(task.frame)?.attempt;
      return { ...task, attempt: attempt ?? task.attempt };
    },
  },
  'takes a token twice': {
    seenAs: /I3: the token of .* is accepted twice/,
    tokens: (tokens) => {
      const taken = new Set<string>();
      return {
        ...tokens,
        succeed: async (params) => {
          if (!taken.has(params.taskToken)) await tokens.succeed(params);
          taken.add(params.taskToken);
        },
      };
    },
  },
  'loses the result of a child of a map run': {
    seenAs: /I[19]: /,
    below: (store) => saving(store, (save, run, results) => save(run, results.slice(1))),
  },
  'forgets what a map run is made from': {
    seenAs: /I9: (there are no files of .*|\d+ (failures|children) of .* are not all in its files)/,
    families: WILD_MAP_RUNS,
    below: (store) => saving(store, (save, run, results) => save(run, results)),
  },
  'counts the result of a child of a map run twice': {
    seenAs: /I3: child \d+ of .* counts twice/,
    above: (store) => saving(store, (save, run, results) => save(run, [...results, ...results.slice(0, 1)])),
  },
  'tells the end of a map run before its results are durable': {
    seenAs: /I2: the end of .* is told|I9: .* before its result is durable|I2: .* its map run does not run/,
    above: (store) =>
      saving(store, async (save, run, results) => {
        void save(run, results);
      }),
  },
  'forgets the results of map runs when it recovers': {
    seenAs: /I3: .* (runs again after its result was durable|counts twice)|I9: the results of /,
    below: (store, process) => (process === 0 ? store : replacing(store, { mapRunResults: async () => [] })),
  },
  'finds the results of a map run in another order': {
    seenAs: /I[69]: /,
    below: (store) =>
      replacing(store, {
        mapRunResults: async (params) => {
          const rows = await store.mapRunResults(params);
          return rows.map((row) => ({ ...row, results: withMixedOutputs(row.results) }));
        },
      }),
  },
  'leaves a map run running that nobody waits for any more': {
    families: WILD_MAP_RUNS,
    seenAs: /stuck: .*:mapRun:|I9: the end of .* is forgotten before its result/,
    below: (store) => replacing(store, { runningMapRuns: async () => [] }),
  },
  'reads fewer items when a map run goes on': {
    seenAs: /I[69]: /,
    sources: (sources, process) => ({
      open: async (params) => {
        const { version, items } = await sources.open(params);
        return { version, items: process > 0 ? withoutFirst(items) : items };
      },
    }),
  },
  'forgets the tokens that are out when it recovers': {
    seenAs: /I9: the token of .* is refused while it is awaited/,
    tokenSecret: (process) => `secret of process ${process}`,
  },
  'redrives from the first state': {
    seenAs: /I9: 0 of .* goes on at another state/,
    below: (store) =>
      loading(store, (loaded) => {
        const root = loaded.frames.get('0');
        if (!root || !isClosed(loaded.execution)) return loaded;
        return { ...loaded, frames: new Map([...loaded.frames, ['0', { ...root, state: firstState(root.state) }]]) };
      }),
  },
  'forgets what had succeeded when it redrives': {
    families: WILD_MAPS,
    seenAs: /I9: .* is redriven without the outputs of /,
    above: (store) =>
      around(store, (call, go) => {
        if (!('commit' in call) || call.commit.history[0]?.type !== 'ExecutionRedriven') return go();
        const forks = [...call.commit.frames.keys()].flatMap((id) => (id.includes('.') ? [forkOf(id)] : []));
        return go({ ...call.commit, droppedForks: forks });
      }),
  },
  'gives a task to a worker before it is durable that it is begun': {
    seenAs: /I2: .* is given to a worker before/,
    above: (store) =>
      around(store, (call, go) => {
        const done = go();
        const begins = 'commit' in call && call.commit.history.some(({ type }) => type === 'ActivityStarted');
        return begins ? (Promise.resolve() as typeof done) : done;
      }),
  },
  'gives a task to two workers': {
    seenAs: /I3: .* is given to two workers/,
    take: (take) => {
      let last: ReturnType<Take> = Promise.resolve(undefined);
      return (params) => {
        last = last.then((given) => given ?? take(params));
        return last;
      };
    },
  },
};

function firstState(state: string): string {
  return state.replace(/\d+(Map|Yes)?$|End$/, '0');
}

function forkOf(id: string): string {
  return id.slice(0, id.lastIndexOf('.'));
}

type Save = Store['saveMapRun'];

function saving(store: Store, save: (go: Save, ...params: Parameters<Save>) => ReturnType<Save>): Store {
  return replacing(store, { saveMapRun: (...params) => save(store.saveMapRun.bind(store), ...params) });
}

function replacing(store: Store, others: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => Reflect.get(Object.hasOwn(others, name) ? others : target, name),
  });
}

function withMixedOutputs(results: readonly MapRunResult[]): MapRunResult[] {
  return results.map((result, i) => ({ ...result, output: results[results.length - 1 - i]?.output ?? result.output }));
}

async function* withoutFirst(items: AsyncIterable<readonly SourceItem[]>): AsyncGenerator<readonly SourceItem[]> {
  let isFirst = true;
  for await (const some of items) {
    yield isFirst ? some.slice(1) : some;
    isFirst = false;
  }
}

function loading(store: Store, change: (loaded: LoadedExecution) => LoadedExecution): Store {
  const load: Store['load'] = async (arn) => {
    const loaded = await store.load(arn);
    return loaded && change(loaded);
  };
  return replacing(store, { load });
}

function mixed(outputs: readonly ChildOutput[]): ChildOutput[] {
  return outputs.map((output, i) => ({ ...output, value: outputs[outputs.length - 1 - i]?.value ?? output.value }));
}
