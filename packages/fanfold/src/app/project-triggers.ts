/** What the objects of a project set going: executions by its triggers, messages by its rules and by what its buckets notify. */
import type { Execution } from '../interpreter/execution.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions } from '../ports/executions.ts';
import type { Logger } from '../ports/logger.ts';
import type { LocalObjects } from '../services/s3/local.ts';
import { createArrival } from '../triggers/arrival.ts';
import type { ObjectOrigin } from '../triggers/error-report.ts';
import { createNotifications, type Notifications } from '../triggers/notifications.ts';
import type { Trigger } from '../triggers/trigger.ts';
import { createBucketNotifications, type Invokers } from './bucket-notifications.ts';
import type { ProjectDefinition } from './define-project.ts';
import type { Messages } from './messages.ts';

export interface ProjectTriggersParams {
  readonly definition: ProjectDefinition;
  readonly local: LocalObjects;
  readonly messages: Pick<Messages, 'rules' | 'deliveries'>;
  /** Who may invoke a function, where not all may. */
  readonly invokers: Invokers;
  /** What a state machine is called here, whatever its ARN says of place and account. */
  readonly ownArn: (arn: string) => string;
  readonly place: { readonly region: string; readonly account: string };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves once everything committed so far survives a power cut. */
  readonly sync: () => Promise<void>;
}

export interface ProjectTriggers {
  readonly triggers: readonly Trigger[];
  /** Moves the object whose execution has ended, and lets the next of its line start. */
  closed(origin: ObjectOrigin, execution: Execution): Promise<void>;
  /** Nothing is started before {@link Notifications.start}. */
  open(executions: Pick<Executions, 'start' | 'describe'>): Notifications;
}

export function createProjectTriggers(params: ProjectTriggersParams): ProjectTriggers {
  const { definition, local, messages, invokers, ownArn, place, clock, logger, sync } = params;
  const { rules, deliveries } = messages;
  const { objects, events } = local;
  const triggers = (definition.triggers ?? []).map((trigger) => ({
    ...trigger,
    stateMachineArn: ownArn(trigger.stateMachine),
  }));
  const arrival = createArrival({ triggers, objects, sync, logger });
  const tellTargets = createBucketNotifications({
    rules: local.notificationRules,
    deliveries,
    place,
    invokers,
    logger,
  });
  let notifications: Notifications | undefined;
  return {
    triggers,
    closed: async (origin, execution) => {
      await arrival.closed(origin, execution);
      notifications?.ended(origin);
    },
    open: (executions) => {
      notifications = createNotifications({
        triggers,
        sync,
        events,
        objects,
        onCreated: (event) => [rules.objectCreated(event), tellTargets(event)].includes(true),
        executions,
        reject: arrival.rejected,
        clock,
        logger,
        ...place,
      });
      return notifications;
    },
  };
}
