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

export interface StandardRunnerParams {
  readonly engine: Engine;
  /** Lets a child that ended before the run was redriven run again. False when there was none. */
  readonly redrive: (child: Execution) => Promise<boolean>;
}

/** Their ends are told as messages, so that one is told even after a crash. */
export function standardRunner({ engine, redrive }: StandardRunnerParams): ChildRunner {
  return {
    begin: async (machine, child, rerun) => {
      if (!rerun || !(await redrive(child))) await engine.create(machine, child);
      return undefined;
    },
    stop: (executionArn) => stopLive(engine, executionArn),
  };
}

export function stopLive(engine: Engine, executionArn: string): void {
  const live = engine.live.get(executionArn);
  if (live) engine.post(live, { kind: 'stop', error: null, cause: null, ...engine.outside() });
}

export function expressRunner(executions: BriefExecutions): ChildRunner {
  return { begin: (machine, child) => executions.run(machine, child), stop: (arn) => executions.stop(arn) };
}
