/** Executions in memory: for tests, Express executions and trying out a state. Gone with the process. */
import { type Execution, isClosed } from '../../interpreter/execution.ts';
import type { Frame, FrameId } from '../../interpreter/frame.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import type {
  ChildOutput,
  Commit,
  HistoryParams,
  ListParams,
  OutboxMessage,
  PruneParams,
  StateMachineRecord,
  Store,
} from '../../ports/store.ts';

interface Entry {
  /** Order of creation, which decides among executions that started in the same millisecond. */
  readonly number: number;
  execution: Execution;
  readonly frames: Map<FrameId, Frame>;
  /** By fork, then by index. */
  readonly outputs: Map<string, Map<number, ChildOutput>>;
  /** In ascending order of ids. */
  readonly history: HistoryRecord[];
}

/** A store that can lose what nobody asks for any more. */
export interface MemoryStore extends Store {
  /** Forgets an execution, as if there had never been one. */
  forget(executionArn: string): void;
}

export function createMemoryStore(): MemoryStore {
  const entries = new Map<string, Entry>();
  const running = new Set<string>();
  const messages = new Map<string, OutboxMessage>();
  const definitions = new Map<string, string>();
  const stateMachines = new Map<string, StateMachineRecord>();
  let created = 0;

  const apply = (entry: Entry, commit: Commit): void => {
    applyCommit(entry, commit);
    const { arn } = commit.execution;
    if (isClosed(commit.execution)) running.delete(arn);
    else running.add(arn);
    for (const message of commit.outbox) messages.set(messageKey(message), message);
  };

  return {
    async saveDefinition(hash, text) {
      if (!definitions.has(hash)) definitions.set(hash, text);
    },
    async definition(hash) {
      return definitions.get(hash);
    },
    async saveStateMachine(record) {
      stateMachines.set(record.arn, record);
    },
    async removeStateMachine(arn) {
      stateMachines.delete(arn);
    },
    async stateMachine(arn) {
      return stateMachines.get(arn);
    },
    async stateMachines() {
      return [...stateMachines.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    },
    async create(commit) {
      const { execution } = commit;
      if (entries.has(execution.arn)) return false;
      const entry = { number: ++created, execution, frames: new Map(), outputs: new Map(), history: [] };
      entries.set(execution.arn, entry);
      apply(entry, commit);
      return true;
    },
    async commit(commit) {
      const entry = entries.get(commit.execution.arn);
      if (!entry) throw new Error(`There is no execution ${commit.execution.arn} to commit to. Create it first.`);
      apply(entry, commit);
    },
    async load(executionArn) {
      const entry = entries.get(executionArn);
      if (!entry) return undefined;
      const outputs = [...entry.outputs.values()].flatMap((byIndex) => [...byIndex.values()]);
      return { execution: entry.execution, frames: new Map(entry.frames), outputs };
    },
    async describe(executionArn) {
      return entries.get(executionArn)?.execution;
    },
    async list(params) {
      return page([...entries.values()], params, params.after === undefined ? undefined : entries.get(params.after));
    },
    async history(params) {
      return pageOfHistory(entries.get(params.executionArn)?.history ?? [], params);
    },
    async running() {
      const live = [...running].flatMap((arn) => entries.get(arn) ?? []);
      return live.sort(byAge).map((entry) => entry.execution.arn);
    },
    async prune(params) {
      const owing = new Set([...messages.values()].map(({ executionArn }) => executionArn));
      const arns = prunable([...entries.values()], owing, params);
      for (const arn of arns) entries.delete(arn);
      return { removed: arns.length, more: arns.length === params.limit };
    },
    async outbox() {
      return [...messages.values()];
    },
    async acknowledge(message) {
      messages.delete(messageKey(message));
    },
    forget(executionArn) {
      entries.delete(executionArn);
      running.delete(executionArn);
    },
    async sync() {},
    async close() {},
  };
}

function applyCommit(entry: Entry, commit: Commit): void {
  entry.execution = commit.execution;
  for (const [id, frame] of commit.frames) {
    if (frame) entry.frames.set(id, frame);
    else entry.frames.delete(id);
  }
  for (const output of commit.outputs) {
    const fork = entry.outputs.get(output.fork) ?? new Map<number, ChildOutput>();
    entry.outputs.set(output.fork, fork.set(output.index, output));
  }
  for (const fork of commit.droppedForks) entry.outputs.delete(fork);
  for (const record of commit.history) entry.history.push(record);
}

function messageKey({ executionArn, key }: OutboxMessage): string {
  return JSON.stringify([executionArn, key]);
}

/** Oldest first. */
function byAge(a: Entry, b: Entry): number {
  return a.execution.startedAt - b.execution.startedAt || a.number - b.number;
}

/** ARNs of those that {@link Store.prune} is to remove, the first to end first. */
function prunable(entries: readonly Entry[], owing: ReadonlySet<string>, params: PruneParams): string[] {
  const ended = entries
    .flatMap(({ number, execution: { arn, stoppedAt } }) => (stoppedAt === null ? [] : [{ number, arn, stoppedAt }]))
    .sort((a, b) => a.stoppedAt - b.stoppedAt || a.number - b.number);
  const tooMany = params.keep === null ? 0 : ended.length - params.keep;
  return ended
    .filter(({ arn, stoppedAt }, i) => (stoppedAt < params.endedBefore || i < tooMany) && !owing.has(arn))
    .slice(0, params.limit)
    .map(({ arn }) => arn);
}

const FILTERS = ['stateMachineArn', 'stateMachineVersionArn', 'stateMachineAliasArn', 'status'] as const;

function page(entries: readonly Entry[], params: ListParams, after: Entry | undefined): Execution[] {
  if (params.after !== undefined && !after) return [];
  return entries
    .filter(({ execution }) => FILTERS.every((name) => params[name] === undefined || execution[name] === params[name]))
    .filter((entry) => !after || byAge(entry, after) < 0)
    .sort((a, b) => byAge(b, a))
    .slice(0, params.limit)
    .map(({ execution }) => execution);
}

function pageOfHistory(records: readonly HistoryRecord[], params: HistoryParams): HistoryRecord[] {
  if (!params.reverse) {
    const start = countUpTo(records, params.after ?? 0);
    return records.slice(start, start + params.limit);
  }
  const end = countUpTo(records, (params.after ?? Number.POSITIVE_INFINITY) - 1);
  return records.slice(Math.max(0, end - params.limit), end).reverse();
}

/** How many records have an id of at most `id`. */
function countUpTo(records: readonly HistoryRecord[], id: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle] as HistoryRecord).id <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
