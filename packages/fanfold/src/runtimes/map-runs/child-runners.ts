/** How children of map runs run: STANDARD ones as every execution, EXPRESS ones in memory, without a history. */
import type { Execution } from '../../interpreter/execution.ts';
import type { Machine } from '../../interpreter/machine.ts';
import type { Engine } from '../engine.ts';
import type { ChildRunner } from './live-map-run.ts';

/** Runs executions of which nothing is kept. */
export interface BriefExecutions {
  /** Resolves with the execution when it has ended; one that waits for nothing outside is returned as it ended. */
  run(machine: Machine, execution: Execution): Execution | Promise<Execution>;
  stop(executionArn: string): void;
}

/** The same, whose store forgets each when it has ended: a child that is begun again after that has the same ARN. */
export function forgetting(executions: BriefExecutions, forget: (executionArn: string) => void): BriefExecutions {
  return {
    run: (machine, execution) => {
      const ended = executions.run(machine, execution);
      return ended instanceof Promise ? ended.finally(() => forget(execution.arn)) : ended;
    },
    stop: (executionArn) => executions.stop(executionArn),
  };
}

export interface StandardRunnerParams {
  /** As {@link Engine.create}. */
  readonly create: (machine: Machine, child: Execution) => Promise<boolean>;
  readonly stop: (executionArn: string) => void;
  /** Lets a child that ended before the run was redriven run again; returned as it ended where it had succeeded. */
  readonly redrive: (child: Execution) => Promise<Execution | 'runs' | undefined>;
}

/** Their ends are told as messages, so that one is told even after a crash. */
export function standardRunner({ create, stop, redrive }: StandardRunnerParams): ChildRunner {
  return {
    begin: async (machine, child, rerun) => {
      const found = rerun ? await redrive(child) : undefined;
      if (found === undefined) await create(machine, child);
      return found === 'runs' ? undefined : found;
    },
    stop,
  };
}

export function stopLive(engine: Engine, executionArn: string): void {
  const live = engine.live.get(executionArn);
  if (live) engine.post(live, { kind: 'stop', error: null, cause: null, ...engine.outside() });
}

export function expressRunner(executions: BriefExecutions): ChildRunner {
  return { begin: (machine, child) => executions.run(machine, child), stop: (arn) => executions.stop(arn) };
}
