/** Executions in memory: for tests, Express executions and trying out a state. Gone with the process. */
import { type Execution, isClosed } from '../../interpreter/execution.ts';
import { Image } from '../../interpreter/image.ts';
import type {
  ActivityRecord,
  Commit,
  ListParams,
  OutboxMessage,
  PruneParams,
  StateMachineRecord,
  Store,
} from '../../ports/store.ts';
import { createMemoryMapRuns } from './map-runs.ts';
import { createHistory, type History } from './history.ts';

interface Entry {
  /** Order of creation, which decides among executions that started in the same millisecond. */
  readonly number: number;
  readonly image: Image;
  readonly history: History;
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
  const activities = new Map<string, ActivityRecord>();
  let created = 0;

  const apply = (entry: Entry, commit: Commit): void => {
    entry.image.apply(commit);
    entry.history.append(commit.history);
    const { arn } = commit.execution;
    if (isClosed(commit.execution)) running.delete(arn);
    else running.add(arn);
    for (const message of commit.outbox) messages.set(messageKey(message), message);
  };

  const mapRuns = createMemoryMapRuns();

  return {
    ...mapRuns,
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
      return [...stateMachines.values()].sort(byName);
    },
    async saveActivity(record) {
      activities.set(record.arn, record);
    },
    async removeActivity(arn) {
      activities.delete(arn);
    },
    async activity(arn) {
      return activities.get(arn);
    },
    async activities() {
      return [...activities.values()].sort(byName);
    },
    async create(commit) {
      const { execution } = commit;
      if (entries.has(execution.arn)) return false;
      const entry: Entry = { number: ++created, image: new Image({ execution }), history: createHistory() };
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
      const image = entries.get(executionArn)?.image;
      return image && { execution: image.execution, frames: new Map(image.frames), outputs: image.outputs() };
    },
    async describe(executionArn) {
      return entries.get(executionArn)?.image.execution;
    },
    async list(params) {
      return page([...entries.values()], params, params.after === undefined ? undefined : entries.get(params.after));
    },
    async history(params) {
      return entries.get(params.executionArn)?.history.page(params) ?? [];
    },
    async running() {
      const live = [...running].flatMap((arn) => entries.get(arn) ?? []);
      return live.sort(byAge).map(({ image }) => image.execution.arn);
    },
    async prune(params) {
      const owing = new Set(
        [...messages.values(), ...(await mapRuns.runningMapRuns())].map(({ executionArn }) => executionArn),
      );
      const arns = prunable([...entries.values()], owing, params);
      for (const arn of arns) {
        entries.delete(arn);
        mapRuns.forgetMapRuns(arn);
      }
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

function messageKey({ executionArn, key }: OutboxMessage): string {
  return JSON.stringify([executionArn, key]);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Oldest first. */
function byAge(a: Entry, b: Entry): number {
  return a.image.execution.startedAt - b.image.execution.startedAt || a.number - b.number;
}

/** ARNs of those that {@link Store.prune} is to remove, the first to end first. */
function prunable(entries: readonly Entry[], owing: ReadonlySet<string>, params: PruneParams): string[] {
  const ended = entries
    .flatMap(({ number, image: { execution } }) => {
      const { arn, stoppedAt } = execution;
      return stoppedAt === null ? [] : [{ number, arn, stoppedAt }];
    })
    .sort((a, b) => a.stoppedAt - b.stoppedAt || a.number - b.number);
  const tooMany = params.keep === null ? 0 : ended.length - params.keep;
  return ended
    .filter(({ arn, stoppedAt }, i) => (stoppedAt < params.endedBefore || i < tooMany) && !owing.has(arn))
    .slice(0, params.limit)
    .map(({ arn }) => arn);
}

function filtered(execution: Execution, name: (typeof FILTERS)[number]): string | undefined {
  if (name !== 'mapRunArn') return execution[name];
  return execution.origin?.kind === 'mapRun' ? execution.origin.mapRunArn : undefined;
}

const FILTERS = ['stateMachineArn', 'stateMachineVersionArn', 'stateMachineAliasArn', 'mapRunArn', 'status'] as const;

function page(entries: readonly Entry[], params: ListParams, after: Entry | undefined): Execution[] {
  if (params.after !== undefined && !after) return [];
  return entries
    .filter(({ image }) =>
      FILTERS.every((name) => params[name] === undefined || filtered(image.execution, name) === params[name]),
    )
    .filter((entry) => !after || byAge(entry, after) < 0)
    .sort((a, b) => byAge(b, a))
    .slice(0, params.limit)
    .map(({ image }) => image.execution);
}
