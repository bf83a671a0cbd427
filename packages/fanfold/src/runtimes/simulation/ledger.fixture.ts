/**
 * What is durable, and what was promised on the strength of it: kept beside the store, and held against I1 to I3 and I9
 * with every write, every call of a task and everything that somebody outside is told.
 */
import { type Execution, isClosed } from '../../interpreter/execution.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import { Image } from '../../interpreter/image.ts';
import type { TaskRef, TaskRequest } from '../../ports/services.ts';
import type { ChildOutput, Commit, LoadedExecution, OutboxMessage, Store } from '../../ports/store.ts';
import { frameProblems } from '../../testing/frames.fixture.ts';
import { readable } from '../../testing/stored-value.fixture.ts';
import { demand, demandSame } from './broken.fixture.ts';
import { MapRunLedger, type MapRunWrite } from './map-run-ledger.fixture.ts';

/** One execution as it stands durably. */
export class Durable extends Image {
  readonly history: HistoryRecord[] = [];
  /** Ids of the events that an outcome of a task came after. */
  readonly answered: Set<number> = new Set();
}

const OUTCOME = /^(LambdaFunction|Task|Activity)(Submitted|Succeeded|Failed|TimedOut)$/;
const AWAITED = /^(LambdaFunction|Task)(Started|Submitted)$|^Activity(Scheduled|Started)$/;

export type Write =
  | { readonly kind: 'create' | 'commit'; readonly commit: Commit }
  | { readonly kind: 'acknowledge'; readonly message: OutboxMessage }
  | MapRunWrite;

/** Whom a write is about: those of one keep their order. */
export function subjectOf(write: Write): string {
  switch (write.kind) {
    case 'mapRun':
      return write.run.arn;
    case 'acknowledge':
      return write.message.executionArn;
    default:
      return write.commit.execution.arn;
  }
}

export class Ledger {
  readonly mapRuns: MapRunLedger;
  readonly executions = new Map<string, Durable>();
  readonly messages = new Map<string, OutboxMessage>();
  /** Attempts whose outcome is durable. */
  readonly #finished = new Set<string>();
  readonly #keys = new Map<string, string>();
  /** Attempts whose outcome was taken from somebody with a token. */
  readonly #accepted = new Set<string>();
  /** Attempts that a worker of an activity was given. */
  readonly #given = new Set<string>();

  /** @param window the most children of a Map at once */
  constructor(window: number) {
    this.mapRuns = new MapRunLedger(window);
  }

  /** A write became durable. */
  written(write: Write): void {
    if (write.kind === 'acknowledge') return this.#acknowledged(write.message);
    if (write.kind === 'mapRun') return this.#mapRunWritten(write);
    const { commit } = write;
    const { arn } = commit.execution;
    const before = this.executions.get(arn);
    demand(write.kind === 'create' ? !before : before !== undefined, `I1: ${write.kind} of ${arn} out of turn`);
    const after = before ?? new Durable({ execution: commit.execution });
    if (!before) this.#checkChild(commit.execution);
    if (before && isClosed(before.execution)) checkRedrive(before, commit);
    const awaited = [...after.frames.values()].filter(({ waiting }) => waiting.kind === 'task');
    this.#recordHistory(after, commit);
    after.apply(commit);
    this.executions.set(arn, after);
    for (const { id, attempt } of awaited) {
      const task = { executionArn: arn, frame: id, attempt };
      if (!this.awaits(task)) this.#finished.add(nameOf(task));
    }
    this.#checkFrames(after);
    this.#checkMessages(commit);
    for (const message of commit.outbox) this.messages.set(messageKey(message), message);
  }

  /** Whether the outcome of this attempt is awaited, durably. */
  awaits({ executionArn, frame, attempt }: TaskRef): boolean {
    const found = this.executions.get(executionArn)?.frames.get(frame);
    return found?.attempt === attempt && found.waiting.kind === 'task';
  }

  /** A task is called. */
  called({ task, idempotencyKey }: TaskRequest): void {
    const name = nameOf(task);
    if (isExpress(task)) return this.mapRuns.began(task.executionArn, undefined, 0);
    demand(!this.#finished.has(name), `I3: ${name} is called again after its outcome was durable`);
    demand(this.awaits(task), `I2: ${name} is called before it is durable that it is due`);
    demand((this.#keys.get(name) ?? idempotencyKey) === idempotencyKey, `I3: ${name} is called by another key`);
    this.#keys.set(name, idempotencyKey);
  }

  /** Somebody was told that the outcome of a task was taken in. */
  settled(task: TaskRef): void {
    demand(!this.awaits(task), `I2: the outcome of ${nameOf(task)} was acknowledged before it was durable`);
  }

  /** Somebody's token was taken. */
  accepted(task: TaskRef): void {
    this.settled(task);
    const name = nameOf(task);
    demand(!this.#accepted.has(name), `I3: the token of ${name} is accepted twice`);
    this.#accepted.add(name);
  }

  /** Somebody's token was refused. */
  refused(task: TaskRef, reason: string): void {
    demand(!this.awaits(task), `I9: the token of ${nameOf(task)} is refused while it is awaited: ${reason}`);
  }

  /** A worker was given a task. */
  given(task: TaskRef): void {
    const name = nameOf(task);
    demand(!this.#given.has(name), `I3: ${name} is given to two workers`);
    const waiting = this.executions.get(task.executionArn)?.frames.get(task.frame)?.waiting;
    const isBegun = this.awaits(task) && waiting?.kind === 'task' && waiting.activity?.begun === true;
    demand(isBegun, `I2: ${name} is given to a worker before it is durable that it is begun`);
    this.#given.add(name);
  }

  /** Tasks of activities that no worker has taken. */
  get untaken(): number {
    return this.running
      .flatMap((arn) => [...(this.executions.get(arn)?.frames.values() ?? [])])
      .filter(({ waiting }) => waiting.kind === 'task' && waiting.submitted && waiting.activity?.begun === false)
      .length;
  }

  /** Executions that have ended, and not well. */
  get failed(): string[] {
    const ends = [...this.executions.values()].map(({ execution }) => execution);
    return ends.filter((e) => isClosed(e) && e.status !== 'SUCCEEDED').map(({ arn }) => arn);
  }

  redrivesOf(arn: string): number {
    return this.executions.get(arn)?.execution.redrive?.count ?? 0;
  }

  /** Somebody was told that an execution was redriven so many times. */
  redriven(arn: string, count: number): void {
    demand(this.redrivesOf(arn) >= count, `I2: the redrive of ${arn} was told before it was durable`);
  }

  started(arn: string): void {
    demand(this.executions.has(arn), `I2: the start of ${arn} was told before it was durable`);
  }

  /** Somebody was told of an end. */
  closed({ arn, status, output }: Execution): void {
    const found = this.executions.get(arn)?.execution;
    const same = found?.status === status && found.output?.text === output?.text;
    demand(same && isClosed(found), `I2: the end of ${arn} was told as ${status} before it was durable`);
  }

  /** What a reader is shown. */
  shown(execution: Execution): void {
    const found = this.executions.get(execution.arn)?.execution;
    const same = found?.status === execution.status && found.lastEventId === execution.lastEventId;
    demand(same, `I2: ${execution.arn} is shown as it does not stand durably`);
  }

  get running(): string[] {
    return [...this.executions.values()].map(({ execution }) => execution).flatMap((e) => (isClosed(e) ? [] : [e.arn]));
  }

  /**
   * Compares with a store that was opened after the end of a process.
   * @param perhaps writes that were under way, of which any beginning may be there: those of one execution in order
   */
  async compare(store: Store, perhaps: readonly Write[]): Promise<void> {
    await this.mapRuns.compare(
      store,
      perhaps.filter((write) => write.kind === 'mapRun'),
    );
    const commits = perhaps.filter((write) => 'commit' in write);
    const arns = new Set([...this.executions.keys(), ...commits.map(subjectOf)]);
    for (const arn of arns) await this.#compareOne(arn, store, commits);
    const found = new Set((await store.outbox()).map(messageKey));
    for (const write of perhaps) {
      if (write.kind === 'acknowledge' && !found.has(messageKey(write.message))) this.written(write);
    }
    demandSame('I9: messages not yet told', textOf([...found].sort()), textOf([...this.messages.keys()].sort()));
    demandSame('I9: running executions', textOf([...(await store.running())].sort()), textOf(this.running.sort()));
  }

  async #compareOne(arn: string, store: Store, perhaps: readonly Write[]): Promise<void> {
    const loaded = await store.load(arn);
    const records = await store.history({ executionArn: arn, limit: 100_000 });
    const found = textOf([loaded && inOrder(loaded), records]);
    for (const write of [undefined, ...perhaps]) {
      if (write && subjectOf(write) !== arn) continue;
      // Of two that start it the second changes nothing.
      if (write?.kind === 'create' && this.executions.has(arn)) continue;
      if (write) this.written(write);
      if (this.#textOf(arn) === found) return;
    }
    demand(loaded !== undefined, `I9: ${arn} is lost`);
    demandSame(`I1: ${arn} in the store`, found, this.#textOf(arn));
  }

  #textOf(arn: string): string {
    const durable = this.executions.get(arn);
    if (!durable) return textOf([undefined, []]);
    const { execution, frames, history } = durable;
    return textOf([inOrder({ execution, frames, outputs: durable.outputs() }), history]);
  }

  #acknowledged(message: OutboxMessage): void {
    const { origin } = message.body;
    if (origin.kind === 'task')
      demand(
        !this.awaits(origin),
        `I9: the end of ${message.executionArn} is forgotten before its parent has taken it in`,
      );
    if (origin.kind === 'mapRun')
      demand(
        this.mapRuns.mayForget(origin),
        `I9: the end of ${message.executionArn} is forgotten before its result is durable`,
      );
    this.messages.delete(messageKey(message));
  }

  #mapRunWritten(write: MapRunWrite): void {
    const { arn, executionArn, frame, status, redriveCount } = write.run;
    const waiting = this.executions.get(executionArn)?.frames.get(frame)?.waiting;
    const isAwaited = waiting?.kind === 'mapRun' && waiting.mapRunArn === arn && waiting.redrives === redriveCount;
    demand(status !== 'ABORTED' || !isAwaited, `I2: ${arn} is given up while its execution waits for it`);
    this.mapRuns.written(write);
  }

  /** A child of a map run is begun while the run runs, and not too many are. */
  #checkChild({ arn, origin }: Execution): void {
    if (origin?.kind !== 'mapRun') return;
    const { mapRunArn } = origin;
    const isOther = (other: Execution): boolean =>
      !isClosed(other) && other.origin?.kind === 'mapRun' && other.origin.mapRunArn === mapRunArn;
    const others = [...this.executions.values()].filter(({ execution }) => isOther(execution));
    this.mapRuns.began(arn, mapRunArn, others.length);
  }

  #recordHistory({ execution, history, answered }: Durable, { execution: now, history: added }: Commit): void {
    let last = history.length;
    let time = history.at(-1)?.at ?? execution.startedAt;
    for (const record of added) {
      const { id, previous, at, type } = record;
      demand(id === ++last, `I1: event ${id} of ${execution.arn} comes after event ${last - 1}`);
      demand(previous < id, `I1: event ${id} of ${execution.arn} follows event ${previous}`);
      demand(at >= time, `I1: event ${id} of ${execution.arn} is older than the one before`);
      time = at;
      history.push(record);
      if (type === 'MapRunSucceeded' || type === 'MapRunFailed') this.mapRuns.told(record, history[previous - 1]);
      if (!OUTCOME.test(type)) continue;
      demand(AWAITED.test(history[previous - 1]?.type ?? ''), `I3: outcome ${id} of ${execution.arn} was not awaited`);
      demand(!answered.has(previous), `I3: outcome ${id} of ${execution.arn} is the second one`);
      answered.add(previous);
    }
    const { stoppedAt } = now;
    demand(stoppedAt === null || stoppedAt >= time, `I1: ${now.arn} ended before its last event`);
    demand(now.lastEventId === last, `I1: the last event of ${now.arn} is ${last}, not ${now.lastEventId}`);
  }

  #checkFrames(durable: Durable): void {
    const { execution, frames } = durable;
    const outputs = durable.outputs();
    const counts = new Map<string, number>();
    for (const { fork } of outputs) counts.set(fork, (counts.get(fork) ?? 0) + 1);
    const problems = frameProblems({ execution, frames, outputs: (fork) => counts.get(fork) ?? 0 });
    if (execution.status === 'SUCCEEDED' && outputs.length > 0)
      problems.push(`${outputs.length} outputs are left behind`);
    demand(problems.length === 0, `I1: ${execution.arn}: ${problems.join('; ')}`);
  }

  #checkMessages({ execution, outbox }: Commit): void {
    const owed = isClosed(execution) && execution.origin ? 1 : 0;
    demand(outbox.length === owed, `I9: ${execution.arn} owes ${owed} messages, not ${outbox.length}`);
  }
}

/** Only a redrive lets an execution go on after its end; it keeps what had succeeded. */
function checkRedrive(before: Durable, commit: Commit): void {
  const { execution, frames } = before;
  const { arn, status, redrive } = execution;
  const now = commit.execution.redrive;
  const isRedrive = (now?.count ?? 0) === (redrive?.count ?? 0) + 1;
  demand(isRedrive && commit.history[0]?.type === 'ExecutionRedriven', `I9: ${arn} goes on after its end`);
  demand(status !== 'SUCCEEDED', `I9: ${arn} is redriven, but had succeeded`);
  const tokens = now?.tokens.map(({ token }) => token) ?? [];
  demand(new Set(tokens).size === tokens.length, `I9: ${arn} is redriven twice by one request`);
  for (const [id, frame] of commit.frames) {
    const stood = frames.get(id);
    const stays = !stood || !frame || stood.state === frame.state;
    demand(stays, `I9: ${id} of ${arn} goes on at another state than it had failed in`);
  }
  for (const { fork } of before.outputs()) {
    // Where a child had failed, the others' outputs are what is kept.
    const hasFailed = [...frames.keys()].some((id) => id.startsWith(`${fork}.`));
    demand(!hasFailed || !commit.droppedForks.includes(fork), `I9: ${arn} is redriven without the outputs of ${fork}`);
  }
}

export function nameOf({ executionArn, frame, attempt }: TaskRef): string {
  return `${executionArn} ${frame} ${attempt}`;
}

/** A child of a map run that is not kept. */
function isExpress({ executionArn }: TaskRef): boolean {
  return executionArn.split(':')[5] === 'express';
}

/** The order of outputs is not promised. */
function inOrder({ execution, frames, outputs }: LoadedExecution): unknown {
  const byPlace = (a: ChildOutput, b: ChildOutput): number =>
    a.fork < b.fork ? -1 : a.fork > b.fork ? 1 : a.index - b.index;
  return { execution, frames, outputs: outputs.toSorted(byPlace) };
}

function messageKey({ executionArn, key }: OutboxMessage): string {
  return `${executionArn} ${key}`;
}

function textOf(data: unknown): string {
  return JSON.stringify(readable(data)) ?? '';
}
