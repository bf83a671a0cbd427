/**
 * Run as a process of its own, to be killed: a Map of tasks, with an execution that each third of them starts, on an
 * engine with SQLite files. Started again on the same directory it goes on. On stdout: the output, once there is one.
 * Each call of a task is told to `calls.log` in the directory, one line each: its item, its attempt, its key.
 *
 * Arguments: the directory, the number of tasks, `normal` or `full`, and perhaps `append-twice`: a planted bug.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../app/system-clock.ts';
import { Value } from '../interpreter/value.ts';
import type { Service } from '../ports/services.ts';
import type { Store } from '../ports/store.ts';
import { createDriver } from '../runtimes/driver.ts';
import { createMachines } from '../runtimes/machines/machines.ts';
import { createSqliteStore } from '../runtimes/sqlite/store.ts';
import { createServices } from '../services/registry.ts';
import { outcomeOf } from '../services/states/outcome.ts';
import { createStatesService } from '../services/states/service.ts';

const [directory = '', count = '100', durability = 'normal', planted = ''] = process.argv.slice(2);
const PLACE = { region: 'us-east-1', account: '000000000000' };
const ROLE = 'arn:aws:iam::000000000000:role/test';

const WORK = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const NESTED = 3;
const machineArn = (name: string): string => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
const executionArn = (name: string): string => `arn:aws:states:us-east-1:000000000000:execution:fan-out:${name}`;

const MACHINES = {
  child: { StartAt: 'Work', States: { Work: { Type: 'Task', Resource: WORK, End: true } } },
  'fan-out': {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        MaxConcurrency: 100,
        ItemProcessor: {
          StartAt: 'Which',
          States: {
            Which: {
              Type: 'Choice',
              Choices: [{ Variable: '$.nested', BooleanEquals: true, Next: 'Start' }],
              Default: 'Work',
            },
            Work: { Type: 'Task', Resource: WORK, End: true },
            Start: {
              Type: 'Task',
              Resource: 'arn:aws:states:::states:startExecution.sync:2',
              Parameters: { StateMachineArn: machineArn('child'), 'Input.$': '$' },
              OutputPath: '$.Output',
              End: true,
            },
          },
        },
        End: true,
      },
    },
  },
};

/** Two writes in place of one: what the first adds is added again when the process dies before the second. */
function appendingTwice(store: Store): Store {
  const known = new Map<string, number>();
  const commit: Store['commit'] = async (wanted) => {
    const { execution, history } = wanted;
    const before = (await store.describe(execution.arn)) ?? execution;
    if (!known.has(execution.arn) && history.length > 0) {
      const first = { ...wanted, execution: before, frames: new Map(), outputs: [], droppedForks: [], outbox: [] };
      await store.commit(first);
    }
    await store.commit({ ...wanted, history: [] });
  };
  return new Proxy(store, { get: (target, name) => (name === 'commit' ? commit : Reflect.get(target, name)) });
}

mkdirSync(directory, { recursive: true });
const sqlite = createSqliteStore({ directory, durability: durability === 'full' ? 'full' : 'normal' });
const store = planted === 'append-twice' ? appendingTwice(sqlite) : sqlite;
const machines = createMachines({ store, clock: systemClock, ...PLACE });

const lambda: Service = {
  perform: async ({ parameters, idempotencyKey, task }) => {
    const { n, pad } = parameters.json as { readonly n: number; readonly pad: string };
    const line = { n, attempt: task.attempt, frame: task.frame, execution: task.executionArn, key: idempotencyKey };
    appendFileSync(join(directory, 'calls.log'), `${JSON.stringify(line)}\n`);
    await new Promise(setImmediate);
    return { kind: 'succeeded', output: Value.ofJson({ n: n * 2, pad }) };
  },
};

const driver = createDriver({
  store,
  machines,
  clock: systemClock,
  logger: {
    info: () => {},
    warn: (text) => tell(text),
    error: (text, fields) => tell(`${text} ${String(fields?.['error'])}`),
  },
  tokenSecret: 'secret',
  seed: () => 7,
  services: (executions) =>
    createServices({ lambda, states: createStatesService({ executions, resolve: (arn) => arn }) }),
  onClosed: async (origin, execution) => {
    if (origin.kind === 'task') await driver.outcomes.settleChild(origin, outcomeOf(execution, origin.output));
  },
  onFatal: (error) => {
    tell(String(error));
    process.exit(3);
  },
});

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The first item is long enough to be kept as a file. */
function items(): object[] {
  return Array.from({ length: Number(count) }, (_, n) => ({
    n,
    nested: n % NESTED === NESTED - 1 && n < 100,
    pad: n === 0 ? 'x'.repeat(70_000) : '',
  }));
}

for (const [name, definition] of Object.entries(MACHINES))
  await machines.put({ name, definition: JSON.stringify(definition), roleArn: ROLE, type: 'STANDARD' });
await driver.recover();
const input = JSON.stringify(items());
await driver.executions.start({ stateMachineArn: machineArn('fan-out'), name: 'run', input }).catch((error: Error) => {
  // It has ended, and the process died before it said so.
  if (!/Already Exists/.test(error.message)) throw error;
});
const { status, output } = await driver.executions.closed(executionArn('run'));
await driver.told();
process.stdout.write(`${JSON.stringify({ status, output: output?.text })}\n`);
await driver.close();
await store.close();
