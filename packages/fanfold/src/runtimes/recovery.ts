/** Goes on with everything that was running when the engine before this one ended. O(running), whatever the histories. */
import { isClosed } from '../interpreter/execution.ts';
import { type Frame, wakeAt } from '../interpreter/frame.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { ActivityTasks } from './activities/activity-tasks.ts';
import type { Children } from './children.ts';
import type { ClosingMessages } from './closing-messages.ts';
import type { Commands } from './commands.ts';
import type { Engine } from './engine.ts';
import { LiveExecution } from './live-execution.ts';
import type { Machines } from './machines/machines.ts';
import type { MapRuns } from './map-runs/map-runs.ts';

export interface RecoveryParams {
  readonly engine: Engine;
  readonly store: Store;
  readonly machines: Machines;
  readonly children: Children;
  readonly commands: Commands;
  readonly activityTasks: ActivityTasks;
  readonly mapRuns: Pick<MapRuns, 'recover'>;
  readonly messages: ClosingMessages;
  readonly logger: Logger;
  /** Called when all that was running is live again, and may be told of outcomes. */
  readonly loaded: () => void;
}

/** @returns how many executions were running */
export async function recover({
  engine,
  store,
  machines,
  children,
  commands,
  activityTasks,
  mapRuns,
  messages,
  logger,
  loaded,
}: RecoveryParams): Promise<number> {
  const running = await store.running();
  const recovered: LiveExecution[] = [];
  for (const arn of running) {
    const image = await store.load(arn);
    if (!image || isClosed(image.execution)) continue;
    try {
      recovered.push(new LiveExecution(await machines.compiled(image.execution.definition), image));
    } catch (error) {
      // One execution that cannot go on does not hold up the others; it stays as it is.
      logger.error('An execution cannot go on: its definition does not compile any more', { executionArn: arn, error });
    }
  }
  const owed = await store.outbox();
  engine.assertOn();
  // What the messages below set going is performed by this process already: only what was there before is resumed.
  const alarms = recovered.flatMap((live) => alarmsOf(engine, commands, live)).sort((a, b) => a.at - b.at);
  const offer = offersOf(recovered, activityTasks);
  const calls = recovered.map((live) => callsOf(engine, live));
  for (const live of recovered) engine.add(live);
  loaded();
  // Looks at executions as they stand durably, before anything is stopped, and before the ends of children are told.
  const runs = mapRuns.recover(
    recovered,
    owed.map(({ body }) => body.origin),
  );
  for (const live of recovered) children.stopOrphan(live);
  await runs;
  // Outcomes that arrived go first, then timers in order (design, runtimes).
  const told = owed.map((message) => ({ message, told: messages.deliver(message) }));
  await Promise.all(told.filter(({ message }) => message.body.origin.kind === 'task').map((each) => each.told));
  engine.assertOn();
  for (const { set } of alarms) set();
  offer();
  for (const call of calls) call();
  return recovered.length;
}

interface Alarm {
  readonly at: number;
  readonly set: () => void;
}

/** All that time brings to a recovered execution; tasks that are called again get their time anew. */
function alarmsOf(engine: Engine, commands: Commands, live: LiveExecution): Alarm[] {
  const { deadline } = live.execution;
  const alarms: Alarm[] = deadline === null ? [] : [{ at: deadline, set: () => engine.arm(live) }];
  for (const frame of live.frames.values()) {
    const { id, attempt } = frame;
    if (mustBeCalledAgain(frame)) continue;
    const at = wakeAt(frame);
    if (at !== null) alarms.push({ at, set: () => commands.perform(live, { kind: 'timer', frame: id, attempt, at }) });
    // Who works on it could not say so while there was nobody to hear it: it gets a full interval.
    if (frame.waiting.kind === 'task')
      alarms.push({ at: Number.POSITIVE_INFINITY, set: () => commands.beat(live, id, attempt) });
  }
  return alarms;
}

/** Tasks of activities that no worker had taken stand in line again, in the order in which their states were entered. */
function offersOf(recovered: readonly LiveExecution[], activityTasks: ActivityTasks): () => void {
  const untaken = recovered.flatMap((live) =>
    [...live.frames.values()].filter(isUntaken).map((frame) => ({ live, frame })),
  );
  untaken.sort((a, b) => a.frame.enteredAt - b.frame.enteredAt);
  return () => {
    for (const { live, frame } of untaken) {
      const { id, attempt } = frame;
      const state = live.machine.blocks[frame.block]?.states.get(frame.state);
      if (state?.type === 'Task' && live.awaitsTask(id, attempt))
        activityTasks.offer({ executionArn: live.execution.arn, frame: id, attempt }, state.resource.arn);
    }
  };
}

function isUntaken({ waiting }: Frame): boolean {
  return waiting.kind === 'task' && waiting.submitted && waiting.activity?.begun === false;
}

/** Calls again what nobody works on any more, and then lets those run whose turn it was: they may call others. */
function callsOf(engine: Engine, live: LiveExecution): () => void {
  const calls = [...live.frames.values()].filter(mustBeCalledAgain).map(({ id, attempt }) => ({ frame: id, attempt }));
  return () => {
    for (const call of calls) engine.post(live, { kind: 'restart', ...call, ...engine.outside() });
    if (live.execution.ready.length > 0) engine.post(live, { kind: 'continue', ...engine.outside() });
  };
}

/** Nobody in this process works on it, and no message will come. */
function mustBeCalledAgain({ waiting }: Frame): boolean {
  return waiting.kind === 'task' && !waiting.submitted;
}
