/** Redriving: loads an execution that did not succeed as its failure left it, and lets it run again. */
import { type Execution, isClosed } from '../interpreter/execution.ts';
import { MACHINE_GONE, notRedrivable, redrivenBy } from '../interpreter/redrive.ts';
import { misfits } from '../interpreter/redrive-fit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions, RedriveParams } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Store } from '../ports/store.ts';
import type { Children } from './children.ts';
import type { ClosingMessages } from './closing-messages.ts';
import type { Engine } from './engine.ts';
import { LiveExecution } from './live-execution.ts';
import type { Machines } from './machines/machines.ts';

export interface RedrivingParams {
  readonly engine: Engine;
  readonly store: Store;
  readonly machines: Machines;
  readonly children: Children;
  readonly messages: ClosingMessages;
  readonly clock: Clock;
}

export function createRedriving(params: RedrivingParams): Executions['redrive'] {
  const { engine, store, machines, children, messages, clock } = params;
  /** The last request for each execution: they look first and write then, so they must not meet. */
  const turns = new Map<string, Promise<unknown>>();

  const redrive = async ({ executionArn, clientToken, definition, origin }: RedriveParams): Promise<Date> => {
    // Its end may not be durable yet.
    const ending = engine.live.get(executionArn);
    if (ending && isClosed(ending.execution)) await ending.saved;
    await messages.settled(executionArn);
    const execution = await store.describe(executionArn);
    if (!execution) throw noSuchExecution(executionArn);
    const before = clientToken === undefined ? undefined : redrivenBy(execution, clientToken, clock.now());
    if (before !== undefined) return new Date(before);
    const active = await machines.isActive(machineOf(execution));
    const reason = notRedrivable(execution, clock.now()) ?? (active ? null : MACHINE_GONE);
    if (reason !== null) throw new ServiceError('ExecutionNotRedrivable', reason);

    const machine = await machines.compiled(execution.definition);
    const hash =
      definition === undefined ? execution.definition : await machines.saveDefinition(definition, execution.type);
    const corrected = await machines.compiled(hash);
    // Nothing comes between this and the commit: what is pruned meanwhile is not committed to.
    const loaded = await store.load(executionArn);
    if (!loaded) throw noSuchExecution(executionArn);
    engine.assertOn();
    if (corrected !== machine) checkFit(misfits(machine, corrected, loaded.frames));
    const live = new LiveExecution(corrected, loaded);
    await engine.redrive(live, {
      clientToken: clientToken ?? null,
      definition: hash === execution.definition ? null : hash,
      origin: origin ?? null,
      alone: origin === undefined && isAlone(engine, execution),
    });
    // Its parent may have been stopped meanwhile.
    children.stopOrphan(live);
    return new Date(live.execution.redrive?.at ?? clock.now());
  };

  return (request) => {
    const { executionArn } = request;
    const mine = (turns.get(executionArn) ?? Promise.resolve()).then(
      () => redrive(request),
      () => redrive(request),
    );
    turns.set(executionArn, mine);
    const done = (): void => {
      if (turns.get(executionArn) === mine) turns.delete(executionArn);
    };
    mine.then(done, done);
    return mine;
  };
}

/** A map run's child is listed by the state machine and a label. */
function machineOf({ stateMachineArn }: Execution): string {
  return stateMachineArn.split('/')[0] ?? stateMachineArn;
}

function noSuchExecution(executionArn: string): ServiceError {
  return new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
}

/** @throws ServiceError ExecutionNotRedrivable */
function checkFit(found: readonly string[]): void {
  if (found.length === 0) return;
  throw new ServiceError(
    'ExecutionNotRedrivable',
    `The execution cannot go on with this definition: ${found.join('; ')}. ` +
      'Keep the states in which it stands, or start a new execution.',
  );
}

/** Whether a task had started it that does not wait for it any more. */
function isAlone(engine: Engine, { origin }: Execution): boolean {
  if (origin?.kind !== 'task') return false;
  return !engine.live.get(origin.executionArn)?.awaitsTask(origin.frame, origin.attempt);
}
