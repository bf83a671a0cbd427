/**
 * A store on a database that knows single keys only, each read or write of one taking its time (think DynamoDB). It
 * proves that the store's contract needs no transaction across keys: the rows of a commit are written under a new
 * version first, where nobody looks, and the execution's header is flipped to that version last. Readers read the
 * header before the rows, and again after them. Rows that a newer version hides are removed behind the flip.
 */
import { type Execution, isClosed } from '../interpreter/execution.ts';
import type { Frame } from '../interpreter/frame.ts';
import type { HistoryRecord } from '../interpreter/history.ts';
import type { MapRun, MapRunResultRow } from '../ports/map-runs.ts';
import type {
  ActivityRecord,
  ChildOutput,
  Commit,
  LoadedExecution,
  OutboxMessage,
  StateMachineRecord,
  Store,
} from '../ports/store.ts';

export interface SlowStoreOptions {
  /** @defaultValue 5 */
  readonly latencyMs?: number;
  /** Lets the time of one key pass. A rejection is a lost connection: the key is neither read nor written. */
  readonly wait?: (ms: number) => Promise<void>;
  /** What the database holds, to be opened again by another store. */
  readonly items?: Map<string, Item>;
}

/** What stands under one key. Rows carry the version of the commit they belong to. */
export type Item = Header | Row | Remains | Setup | MapRunItem;

interface Header {
  readonly kind: 'header';
  readonly version: number;
  readonly execution: Execution;
}

type Row =
  | { readonly kind: 'frame'; readonly version: number; readonly id: string; readonly frame: Frame | null }
  | { readonly kind: 'output'; readonly version: number; readonly output: ChildOutput }
  | { readonly kind: 'droppedFork'; readonly version: number; readonly fork: string }
  | { readonly kind: 'history'; readonly version: number; readonly records: readonly HistoryRecord[] }
  | { readonly kind: 'message'; readonly version: number; readonly number: number; readonly message: OutboxMessage };

/** Instead of the header of an execution whose rows are being removed: nobody sees them any more. */
interface Remains {
  readonly kind: 'remains';
}

type Setup =
  | { readonly kind: 'definition'; readonly text: string }
  | { readonly kind: 'stateMachine'; readonly record: StateMachineRecord }
  | { readonly kind: 'activity'; readonly record: ActivityRecord };

/** Rows first, the run last: rows beyond its `rows` were cut short, and are written over by the next. */
type MapRunItem =
  | {
      readonly kind: 'mapRun';
      readonly order: number;
      readonly rows: number;
      readonly run: MapRun;
      readonly scope?: string;
    }
  | { readonly kind: 'mapRunResults'; readonly row: MapRunResultRow };

type KeyedRow = readonly [key: string, row: Row];

export function createSlowStore({
  latencyMs = 5,
  wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  items = new Map(),
}: SlowStoreOptions = {}): Store {
  const keys = createKeys(items, () => wait(latencyMs));
  const inLine = createLines();
  /** Executions without leftovers of a commit that was cut short. */
  const tidied = new Set<string>();
  let numbering: Promise<{ last: number }> | undefined;

  /** Numbers for messages, above all that are there. */
  const numbers = (): Promise<{ last: number }> => {
    numbering ??= keys.scan('message').then(
      (found) => ({ last: Math.max(0, ...found.map(([, item]) => (item.kind === 'message' ? item.number : 0))) }),
      (error) => {
        numbering = undefined;
        throw error;
      },
    );
    return numbering;
  };

  const headerOf = async (arn: string): Promise<Header | undefined> => {
    const item = await keys.get(keyOf('header', arn));
    return item?.kind === 'header' ? item : undefined;
  };

  const rowsOf = async (arn: string, ...kinds: Row['kind'][]): Promise<KeyedRow[]> => {
    const found = await Promise.all(kinds.map((kind) => keys.scan(kind, arn)));
    return found.flat().flatMap(([key, item]) => ('version' in item && item.kind !== 'header' ? [[key, item]] : []));
  };

  const tidy = async (arn: string, version: number): Promise<void> => {
    if (tidied.has(arn)) return;
    const rows = await rowsOf(arn, 'frame', 'output', 'droppedFork', 'history', 'message');
    await all(rows.filter(([, row]) => row.version > version).map(([key]) => keys.remove(key)));
    tidied.add(arn);
  };

  const write = async (commit: Commit, version: number): Promise<void> => {
    const { execution } = commit;
    await tidy(execution.arn, version - 1);
    // Until the header is written some of the rows may be there, and the next commit would bring them to light.
    tidied.delete(execution.arn);
    const rows = rowsOfCommit(commit, version, commit.outbox.length > 0 ? await numbers() : { last: 0 });
    // Of two rows under one key the last counts.
    await all([...new Map(rows)].map(([key, row]) => keys.put(key, row)));
    await keys.put(keyOf('header', execution.arn), { kind: 'header', version, execution });
    tidied.add(execution.arn);
  };

  const collect = async (arn: string): Promise<void> => {
    const rows = await rowsOf(arn, 'frame', 'output', 'droppedFork');
    await all(hiddenRows(rows).map((key) => keys.remove(key)));
  };

  /** Removes what is left of an execution that is gone. */
  const clear = async (arn: string): Promise<void> => {
    const rows = await rowsOf(arn, 'frame', 'output', 'droppedFork', 'history');
    await all(rows.map(([key]) => keys.remove(key)));
    tidied.delete(arn);
    await keys.remove(keyOf('header', arn));
  };

  /** The rows as of one version: read again when a commit came between. */
  const snapshot = async (arn: string, ...kinds: Row['kind'][]): Promise<Snapshot | undefined> => {
    for (;;) {
      const header = await headerOf(arn);
      if (!header) return undefined;
      const rows = await rowsOf(arn, ...kinds);
      if ((await headerOf(arn))?.version !== header.version) continue;
      return { execution: header.execution, rows: rows.filter(([, row]) => row.version <= header.version) };
    }
  };

  /** Oldest first. */
  const headers = async (): Promise<Header[]> => {
    const found = await keys.scan('header');
    return found.flatMap(([, item]) => (item.kind === 'header' ? [item] : [])).sort(byAge);
  };

  /** In the order in which they began. */
  const allMapRuns = async (): Promise<MapRun[]> => {
    const found = (await keys.scan('mapRun')).flatMap(([, item]) => (item.kind === 'mapRun' ? [item] : []));
    return found.sort((a, b) => a.order - b.order).map(({ run }) => run);
  };

  return {
    saveDefinition: (hash, text) => keys.put(keyOf('definition', hash), { kind: 'definition', text }),
    async definition(hash) {
      const item = await keys.get(keyOf('definition', hash));
      return item?.kind === 'definition' ? item.text : undefined;
    },
    saveStateMachine: (record) => keys.put(keyOf('stateMachine', record.arn), { kind: 'stateMachine', record }),
    removeStateMachine: (arn) => keys.remove(keyOf('stateMachine', arn)),
    async stateMachine(arn) {
      const item = await keys.get(keyOf('stateMachine', arn));
      return item?.kind === 'stateMachine' ? item.record : undefined;
    },
    async stateMachines() {
      const found = await keys.scan('stateMachine');
      const records = found.flatMap(([, item]) => (item.kind === 'stateMachine' ? [item.record] : []));
      return records.sort((a, b) => compare(a.name, b.name));
    },

    saveActivity: (record) => keys.put(keyOf('activity', record.arn), { kind: 'activity', record }),
    removeActivity: (arn) => keys.remove(keyOf('activity', arn)),
    async activity(arn) {
      const item = await keys.get(keyOf('activity', arn));
      return item?.kind === 'activity' ? item.record : undefined;
    },
    async activities() {
      const found = await keys.scan('activity');
      const records = found.flatMap(([, item]) => (item.kind === 'activity' ? [item.record] : []));
      return records.sort((a, b) => compare(a.name, b.name));
    },

    create: (commit) =>
      inLine(commit.execution.arn, async () => {
        const item = await keys.get(keyOf('header', commit.execution.arn));
        if (item?.kind === 'header') return false;
        if (item?.kind === 'remains') await clear(commit.execution.arn);
        await write(commit, 1);
        return true;
      }),
    commit: (commit) =>
      inLine(commit.execution.arn, async () => {
        const { arn } = commit.execution;
        const header = await headerOf(arn);
        if (!header) throw new Error(`There is no execution ${arn} to commit to. Create it first.`);
        await write(commit, header.version + 1);
        // Hidden rows do no harm: what is not removed now is found by the next commit.
        await collect(arn).catch(() => undefined);
      }),
    async load(executionArn) {
      const found = await snapshot(executionArn, 'frame', 'output', 'droppedFork');
      return found && loadedFrom(found);
    },
    async describe(executionArn) {
      return (await headerOf(executionArn))?.execution;
    },
    async list({ after, limit, ...filter }) {
      const newest = (await headers()).reverse().map(({ execution }) => execution);
      const start = after === undefined ? 0 : newest.findIndex(({ arn }) => arn === after) + 1;
      if (after !== undefined && start === 0) return [];
      return newest
        .slice(start)
        .filter((execution) =>
          FILTERS.every((name) => filter[name] === undefined || filtered(execution, name) === filter[name]),
        )
        .slice(0, limit);
    },
    async history({ executionArn, limit, reverse = false, after }) {
      const found = await snapshot(executionArn, 'history');
      const records = (found?.rows ?? []).flatMap(([, row]) => (row.kind === 'history' ? row.records : []));
      return records
        .sort((a, b) => (reverse ? b.id - a.id : a.id - b.id))
        .filter(({ id }) => after === undefined || (reverse ? id < after : id > after))
        .slice(0, limit);
    },
    async running() {
      return (await headers()).flatMap(({ execution }) => (isClosed(execution) ? [] : [execution.arn]));
    },

    async prune(params) {
      const messages = (await keys.scan('message')).map(([key]) => key.split('\n')[1]);
      const running = (await allMapRuns()).filter(({ status }) => status === 'RUNNING');
      const owing = new Set([...messages, ...running.map(({ executionArn }) => executionArn)]);
      const ended = (await headers())
        .flatMap(({ execution: { arn, stoppedAt } }) => (stoppedAt === null ? [] : [{ arn, stoppedAt }]))
        .sort((a, b) => a.stoppedAt - b.stoppedAt);
      const tooMany = params.keep === null ? 0 : ended.length - params.keep;
      const chosen = ended
        .filter(({ arn, stoppedAt }, i) => (stoppedAt < params.endedBefore || i < tooMany) && !owing.has(arn))
        .slice(0, params.limit);
      for (const { arn } of chosen)
        await inLine(arn, async () => {
          await keys.put(keyOf('header', arn), { kind: 'remains' });
          for (const run of (await allMapRuns()).filter(({ executionArn }) => executionArn === arn)) {
            const rows = await keys.scan('mapRunResults', run.arn);
            await all([keyOf('mapRun', run.arn), ...rows.map(([key]) => key)].map((key) => keys.remove(key)));
          }
          await clear(arn);
        });
      return { removed: chosen.length, more: chosen.length === params.limit };
    },

    saveMapRun: (run, results, given) =>
      inLine(run.arn, async () => {
        const known = await keys.get(keyOf('mapRun', run.arn));
        const before = known?.kind === 'mapRun' ? known : undefined;
        const order = before?.order ?? (await keys.scan('mapRun')).length;
        const number = (before?.rows ?? 0) + 1;
        if (results.length > 0) {
          const first = Math.min(...results.map(({ index }) => index));
          const row = { number, first, results };
          await keys.put(keyOf('mapRunResults', run.arn, number), { kind: 'mapRunResults', row });
        }
        const rows = results.length > 0 ? number : number - 1;
        const scope = run.status === 'RUNNING' ? (given ?? before?.scope) : undefined;
        await keys.put(keyOf('mapRun', run.arn), {
          kind: 'mapRun',
          order,
          rows,
          run,
          ...(scope !== undefined && { scope }),
        });
      }),
    async mapRun(mapRunArn) {
      const item = await keys.get(keyOf('mapRun', mapRunArn));
      return item?.kind === 'mapRun' ? item.run : undefined;
    },
    async mapRunScope(mapRunArn) {
      const item = await keys.get(keyOf('mapRun', mapRunArn));
      return item?.kind === 'mapRun' ? item.scope : undefined;
    },
    mapRuns: async (executionArn) => (await allMapRuns()).filter((run) => run.executionArn === executionArn),
    runningMapRuns: async () => (await allMapRuns()).filter(({ status }) => status === 'RUNNING'),
    async mapRunResults({ mapRunArn, after = { first: -1, number: 0 }, limit }) {
      const item = await keys.get(keyOf('mapRun', mapRunArn));
      if (item?.kind !== 'mapRun') return [];
      const rows = (await keys.scan('mapRunResults', mapRunArn)).flatMap(([, found]) =>
        found.kind === 'mapRunResults' && found.row.number <= item.rows ? [found.row] : [],
      );
      return rows
        .sort((a, b) => a.first - b.first || a.number - b.number)
        .filter(({ first, number }) => first > after.first || (first === after.first && number > after.number))
        .slice(0, limit);
    },

    async outbox() {
      // Messages first: a header read later has all that it had then.
      const messages = (await keys.scan('message')).flatMap(([, item]) => (item.kind === 'message' ? [item] : []));
      const versions = new Map((await headers()).map((header) => [header.execution.arn, header.version]));
      return messages
        .filter(({ version, message }) => version <= (versions.get(message.executionArn) ?? 0))
        .sort((a, b) => a.number - b.number)
        .map(({ message }) => message);
    },
    acknowledge: ({ executionArn, key }) => keys.remove(keyOf('message', executionArn, key)),
    sync: () => inLine.idle(),
    close: () => inLine.idle(),
  };
}

function filtered(execution: Execution, name: (typeof FILTERS)[number]): string | undefined {
  if (name !== 'mapRunArn') return execution[name];
  return execution.origin?.kind === 'mapRun' ? execution.origin.mapRunArn : undefined;
}

const FILTERS = ['stateMachineArn', 'stateMachineVersionArn', 'stateMachineAliasArn', 'mapRunArn', 'status'] as const;

interface Keys {
  get(key: string): Promise<Item | undefined>;
  put(key: string, item: Item): Promise<void>;
  remove(key: string): Promise<void>;
  /** All keys that begin with the given parts, each read by itself. */
  scan(...parts: string[]): Promise<[string, Item][]>;
}

function createKeys(items: Map<string, Item>, wait: () => Promise<void>): Keys {
  const get = async (key: string): Promise<Item | undefined> => {
    await wait();
    return items.get(key);
  };
  return {
    get,
    async put(key, item) {
      await wait();
      items.set(key, item);
    },
    async remove(key) {
      await wait();
      items.delete(key);
    },
    async scan(...parts) {
      await wait();
      const keys = [...items.keys()].filter((key) => key.startsWith(`${keyOf(...parts)}\n`));
      const found = await all(keys.map(async (key) => [key, await get(key)] as const));
      return found.flatMap(([key, item]) => (item ? [[key, item]] : []));
    },
  };
}

interface Lines {
  /** One execution's work one after another, whatever became of the work before. */
  <T>(arn: string, work: () => Promise<T>): Promise<T>;
  /** Resolves once everything asked for so far is done. */
  idle(): Promise<void>;
}

function createLines(): Lines {
  const lines = new Map<string, Promise<unknown>>();
  const inLine = <T>(arn: string, work: () => Promise<T>): Promise<T> => {
    const turn = (lines.get(arn) ?? Promise.resolve()).then(work, work);
    lines.set(arn, turn);
    const leave = (): void => {
      if (lines.get(arn) === turn) lines.delete(arn);
    };
    turn.then(leave, leave);
    return turn;
  };
  const idle = async (): Promise<void> => {
    await Promise.allSettled(lines.values());
  };
  return Object.assign(inLine, { idle });
}

/** Like Promise.all, but nothing is still under way when it fails. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

function keyOf(...parts: readonly (string | number)[]): string {
  return parts.join('\n');
}

function rowsOfCommit(commit: Commit, version: number, numbers: { last: number }): KeyedRow[] {
  const { arn } = commit.execution;
  const dropped = new Set(commit.droppedForks);
  const outputs = commit.outputs.filter(({ fork }) => !dropped.has(fork));
  return [
    ...[...commit.frames].map(([id, frame]): KeyedRow => [
      keyOf('frame', arn, id, version),
      { kind: 'frame', version, id, frame },
    ]),
    ...outputs.map((output): KeyedRow => [
      keyOf('output', arn, output.fork, output.index, version),
      { kind: 'output', version, output },
    ]),
    ...[...dropped].map((fork): KeyedRow => [
      keyOf('droppedFork', arn, fork, version),
      { kind: 'droppedFork', version, fork },
    ]),
    ...(commit.history.length === 0
      ? []
      : [[keyOf('history', arn, version), { kind: 'history', version, records: commit.history }] as const]),
    ...commit.outbox.map((message): KeyedRow => [
      keyOf('message', arn, message.key),
      { kind: 'message', version, number: ++numbers.last, message },
    ]),
  ];
}

interface Snapshot {
  readonly execution: Execution;
  readonly rows: readonly KeyedRow[];
}

function loadedFrom({ execution, rows }: Snapshot): LoadedExecution {
  const hidden = new Set(hiddenRows(rows));
  const visible = rows.filter(([key]) => !hidden.has(key)).map(([, row]) => row);
  const frames = visible.flatMap((row) => (row.kind === 'frame' && row.frame ? [row.frame] : []));
  const outputs = visible.flatMap((row) => (row.kind === 'output' ? [row.output] : []));
  return { execution, frames: new Map(frames.map((frame) => [frame.id, frame])), outputs };
}

/**
 * Keys of the rows that newer ones make invisible, and of the marks (a frame's null, a dropped fork) that hide nothing
 * any more. A mark stays as long as there is a row under it, or a crash in between would bring that row back.
 */
function hiddenRows(rows: readonly KeyedRow[]): string[] {
  const bySubject = Map.groupBy(rows, ([, row]) => subjectOf(row));
  const forksDropped = new Map<string, number>();
  const forksLeft = new Map<string, number>();
  for (const [, row] of rows) {
    if (row.kind === 'droppedFork') raise(forksDropped, row.fork, row.version);
  }
  for (const [, row] of rows) {
    if (row.kind === 'output' && row.version <= (forksDropped.get(row.output.fork) ?? 0))
      raise(forksLeft, row.output.fork, row.version);
  }
  return [...bySubject.values()].flatMap((versions) => {
    const newest = Math.max(...versions.map(([, row]) => row.version));
    return versions
      .filter(([, row]) => {
        if (row.version < newest) return true;
        if (row.kind === 'frame') return row.frame === null && versions.length === 1;
        if (row.kind === 'output') return row.version <= (forksDropped.get(row.output.fork) ?? 0);
        return row.kind === 'droppedFork' && !forksLeft.has(row.fork);
      })
      .map(([key]) => key);
  });
}

function raise(map: Map<string, number>, key: string, version: number): void {
  map.set(key, Math.max(map.get(key) ?? 0, version));
}

/** What newer rows of replace older ones. */
function subjectOf(row: Row): string {
  switch (row.kind) {
    case 'frame':
      return keyOf(row.kind, row.id);
    case 'output':
      return keyOf(row.kind, row.output.fork, row.output.index);
    case 'droppedFork':
      return keyOf(row.kind, row.fork);
    default:
      return keyOf(row.kind, row.version);
  }
}

function byAge(a: Header, b: Header): number {
  return a.execution.startedAt - b.execution.startedAt || compare(a.execution.arn, b.execution.arn);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
