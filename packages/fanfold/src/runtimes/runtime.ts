/**
 * The embedded runtime: one driver for STANDARD executions, which are kept, and one for EXPRESS executions, which live in
 * memory, end with the process, and are forgotten when they have ended. Which one an execution belongs to is told by its
 * state machine when it starts, and by its ARN from then on.
 */
import type { Executions, StateTests, SyncExecutions } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import { createDriver, type Driver, type DriverOptions } from './driver.ts';
import { createExpressStore } from './express-store.ts';
import type { Startable } from './machines/machines.ts';
import { forgetting } from './map-runs/child-runners.ts';
import { createStateTests, type StateTestsOptions } from './state-tests/state-tests.ts';

export interface Runtime extends Omit<Driver, 'executions' | 'begin' | 'brief'> {
  readonly executions: Executions & SyncExecutions & StateTests;
}

export interface RuntimeOptions
  extends DriverOptions, Pick<StateTestsOptions, 'region' | 'account' | 'responseShapes'> {}

export function createRuntime(options: RuntimeOptions): Runtime {
  const { machines, seed, logger } = options;
  const expressStore = createExpressStore();
  // Task states of both kinds may start executions of both.
  const services: DriverOptions['services'] = () => options.services(executions);
  const start: Executions['start'] = async (params) => {
    const startable = await machines.startable(params.stateMachineArn, seed());
    if (startable.machine.type === 'STANDARD') return standard.begin(startable, params);
    // Nobody could be told of its end after a crash.
    if (params.origin) throw typeNotSupported();
    return startExpress(startable, params);
  };
  const startExpress = async (startable: Startable, params: Parameters<Executions['start']>[0]) => {
    const started = await express.begin(startable, params);
    endOf(started.executionArn).catch(() => {});
    return started;
  };
  /** The end of an EXPRESS execution that nobody waits for is told to the log. */
  const endOf = async (executionArn: string): Promise<void> => {
    const { status, error, cause } = await express.executions.closed(executionArn);
    expressStore.forget(executionArn);
    if (status !== 'SUCCEEDED')
      logger.warn('An EXPRESS execution did not succeed', { executionArn, status, error, cause });
  };
  const of = (executionArn: string): Driver => (isExpress(executionArn) ? express : standard);

  const stateTests = createStateTests({ ...options, services: () => options.services(executions) });
  const executions: Executions & SyncExecutions & StateTests = {
    testState: (request) => stateTests.testState(request),
    start,
    startSync: async (params) => {
      const startable = await machines.startable(params.stateMachineArn, seed());
      if (startable.machine.type !== 'EXPRESS') throw typeNotSupported();
      const { executionArn } = await express.begin(startable, params);
      const execution = await express.executions.closed(executionArn);
      expressStore.forget(executionArn);
      return execution;
    },
    redrive: async (params) => {
      if (isExpress(params.executionArn)) throw typeNotSupported();
      return standard.executions.redrive(params);
    },
    stop: (params) => of(params.executionArn).executions.stop(params),
    describe: (arn) => of(arn).executions.describe(arn),
    list: (params) => standard.executions.list(params),
    history: (params) => of(params.executionArn).executions.history(params),
    closed: (arn) => of(arn).executions.closed(arn),
  };
  const express = createDriver({ ...options, services, store: expressStore });
  const standard = createDriver({
    ...options,
    services,
    express: forgetting(express.brief, (executionArn) => expressStore.forget(executionArn)),
  });

  return {
    executions,
    outcomes: {
      settle: (task, outcome) => of(task.executionArn).outcomes.settle(task, outcome),
      settleChild: (task, outcome) => of(task.executionArn).outcomes.settleChild(task, outcome),
      awaited: (task) => of(task.executionArn).outcomes.awaited(task),
    },
    // The validation takes no EXPRESS machine with a task that waits to be answered, or with an activity.
    mapRuns: standard.mapRuns,
    tokens: standard.tokens,
    takeActivityTask: standard.takeActivityTask,
    endPolls: standard.endPolls,
    recover: () => standard.recover(),
    counts: () => {
      const [a, b] = [standard.counts(), express.counts()];
      return { running: a.running + b.running, transitions: a.transitions + b.transitions, tasks: a.tasks + b.tasks };
    },
    told: () => standard.told(),
    close: async () => {
      stateTests.close();
      await express.close();
      await standard.close();
    },
  };
}

function isExpress(executionArn: string): boolean {
  return executionArn.split(':')[5] === 'express';
}

function typeNotSupported(): ServiceError {
  return new ServiceError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
  );
}
