/**
 * What is durable, and what was promised on the strength of it: kept beside the store, and held against I1 to I3 and I9
 * with every write, every call of a task and everything that somebody outside is told.
 */
import { type Execution, isClosed } from '../../interpreter/execution.ts';
import type { Frame } from '../../interpreter/frame.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import type { TaskRef, TaskRequest } from '../../ports/services.ts';
import type { ChildOutput, Commit, OutboxMessage, Store } from '../../ports/store.ts';
import { frameProblems } from '../../testing/frames.fixture.ts';
import { applyTo, inOrder } from '../../testing/store.model.ts';
import { readable } from '../../testing/stored-value.fixture.ts';

/** A promise that was not kept. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function demand(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Broken(promise);
}

/** One execution as it stands durably. */
export interface Durable {
  execution: Execution;
  readonly frames: Map<string, Frame>;
  readonly outputs: Map<string, ChildOutput>;
  readonly history: HistoryRecord[];
  /** Ids of the events that an outcome of a task came after. */
  readonly answered: Set<number>;
}

const OUTCOME = /^(LambdaFunction|Task|Activity)(Submitted|Succeeded|Failed|TimedOut)$/;
const AWAITED = /^(LambdaFunction|Task)(Started|Submitted)$|^Activity(Scheduled|Started)$/;

export type Write =
  | { readonly kind: 'create' | 'commit'; readonly commit: Commit }
  | { readonly kind: 'acknowledge'; readonly message: OutboxMessage };

export class Ledger {
  readonly executions = new Map<string, Durable>();
  readonly messages = new Map<string, OutboxMessage>();
  /** Attempts whose outcome is durable. */
  readonly #finished = new Set<string>();
  readonly #keys = new Map<string, string>();
  /** Attempts whose outcome was taken from somebody with a token. */
  readonly #accepted = new Set<string>();
  /** Attempts that a worker of an activity was given. */
  readonly #given = new Set<string>();

  /** A write became durable. */
  written(write: Write): void {
    if (write.kind === 'acknowledge') return this.#acknowledged(write.message);
    const { commit } = write;
    const { arn } = commit.execution;
    const before = this.executions.get(arn);
    demand(write.kind === 'create' ? !before : before !== undefined, `I1: ${write.kind} of ${arn} out of turn`);
    const after = before ?? emptyBefore(commit);
    if (before && isClosed(before.execution)) checkRedrive(before, commit);
    const awaited = [...after.frames.values()].filter(({ waiting }) => waiting.kind === 'task');
    this.#recordHistory(after, commit);
    apply(after, commit);
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

  /** Somebody was told that an execution was redriven so many times. */
  redriven(arn: string, count: number): void {
    const found = this.executions.get(arn)?.execution.redrive?.count ?? 0;
    demand(found >= count, `I2: the redrive of ${arn} was told before it was durable`);
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
    const arns = new Set([...this.executions.keys(), ...perhaps.map(arnOf)]);
    for (const arn of arns) await this.#compareOne(arn, store, perhaps);
    const found = new Set((await store.outbox()).map(messageKey));
    for (const write of perhaps) {
      if (write.kind === 'acknowledge' && !found.has(messageKey(write.message))) this.written(write);
    }
    same('I9: messages not yet told', textOf([...found].sort()), textOf([...this.messages.keys()].sort()));
    same('I9: running executions', textOf([...(await store.running())].sort()), textOf(this.running.sort()));
  }

  async #compareOne(arn: string, store: Store, perhaps: readonly Write[]): Promise<void> {
    const loaded = await store.load(arn);
    const records = await store.history({ executionArn: arn, limit: 100_000 });
    const found = textOf([inOrder(loaded), records]);
    for (const write of [undefined, ...perhaps]) {
      if (write && (write.kind === 'acknowledge' || write.commit.execution.arn !== arn)) continue;
      // Of two that start it the second changes nothing.
      if (write?.kind === 'create' && this.executions.has(arn)) continue;
      if (write) this.written(write);
      if (this.#textOf(arn) === found) return;
    }
    demand(loaded !== undefined, `I9: ${arn} is lost`);
    same(`I1: ${arn} in the store`, found, this.#textOf(arn));
  }

  #textOf(arn: string): string {
    const durable = this.executions.get(arn);
    if (!durable) return textOf([inOrder(undefined), []]);
    const { execution, frames, outputs, history } = durable;
    return textOf([inOrder({ execution, frames, outputs: [...outputs.values()] }), history]);
  }

  #acknowledged(message: OutboxMessage): void {
    const { origin } = message.body;
    if (origin.kind === 'task')
      demand(
        !this.awaits(origin),
        `I9: the end of ${message.executionArn} is forgotten before its parent has taken it in`,
      );
    this.messages.delete(messageKey(message));
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
      if (!OUTCOME.test(type)) continue;
      demand(AWAITED.test(history[previous - 1]?.type ?? ''), `I3: outcome ${id} of ${execution.arn} was not awaited`);
      demand(!answered.has(previous), `I3: outcome ${id} of ${execution.arn} is the second one`);
      answered.add(previous);
    }
    const { stoppedAt } = now;
    demand(stoppedAt === null || stoppedAt >= time, `I1: ${now.arn} ended before its last event`);
    demand(now.lastEventId === last, `I1: the last event of ${now.arn} is ${last}, not ${now.lastEventId}`);
  }

  #checkFrames({ execution, frames, outputs }: Durable): void {
    const counts = new Map<string, number>();
    for (const { fork } of outputs.values()) counts.set(fork, (counts.get(fork) ?? 0) + 1);
    const problems = frameProblems({ execution, frames, outputs: (fork) => counts.get(fork) ?? 0 });
    if (execution.status === 'SUCCEEDED' && outputs.size > 0) problems.push(`${outputs.size} outputs are left behind`);
    demand(problems.length === 0, `I1: ${execution.arn}: ${problems.join('; ')}`);
  }

  #checkMessages({ execution, outbox }: Commit): void {
    const owed = isClosed(execution) && execution.origin ? 1 : 0;
    demand(outbox.length === owed, `I9: ${execution.arn} owes ${owed} messages, not ${outbox.length}`);
  }
}

/** Only a redrive lets an execution go on after its end; it keeps what had succeeded. */
function checkRedrive({ execution, frames, outputs }: Durable, commit: Commit): void {
  const { arn, status, redrive } = execution;
  const now = commit.execution.redrive;
  const isRedrive = (now?.count ?? 0) === (redrive?.count ?? 0) + 1;
  demand(isRedrive && commit.history[0]?.type === 'ExecutionRedriven', `I9: ${arn} goes on after its end`);
  demand(status !== 'SUCCEEDED', `I9: ${arn} is redriven, but had succeeded`);
  const tokens = now?.tokens.map(({ token }) => token) ?? [];
  demand(new Set(tokens).size === tokens.length, `I9: ${arn} is redriven twice by one request`);
  for (const [id, frame] of commit.frames) {
    const before = frames.get(id);
    const stays = !before || !frame || before.state === frame.state;
    demand(stays, `I9: ${id} of ${arn} goes on at another state than it had failed in`);
  }
  for (const { fork } of outputs.values()) {
    // Where a child had failed, the others' outputs are what is kept.
    const hasFailed = [...frames.keys()].some((id) => id.startsWith(`${fork}.`));
    demand(!hasFailed || !commit.droppedForks.includes(fork), `I9: ${arn} is redriven without the outputs of ${fork}`);
  }
}

export function nameOf({ executionArn, frame, attempt }: TaskRef): string {
  return `${executionArn} ${frame} ${attempt}`;
}

function emptyBefore({ execution }: Commit): Durable {
  return { execution, frames: new Map(), outputs: new Map(), history: [], answered: new Set() };
}

function apply(durable: Durable, commit: Commit): void {
  durable.execution = commit.execution;
  applyTo(durable, commit);
}

function arnOf(write: Write): string {
  return write.kind === 'acknowledge' ? write.message.executionArn : write.commit.execution.arn;
}

function messageKey({ executionArn, key }: OutboxMessage): string {
  return `${executionArn} ${key}`;
}

function textOf(data: unknown): string {
  return JSON.stringify(readable(data)) ?? '';
}

function same(what: string, a: string, b: string): void {
  if (a === b) return;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const near = (text: string): string => text.slice(Math.max(0, at - 80), at + 80);
  throw new Broken(`${what}: …${near(a)}…, not …${near(b)}…`);
}
