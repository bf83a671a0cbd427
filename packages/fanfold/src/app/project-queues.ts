/** The queues of a project, as the queue service takes them. */
import { ServiceError } from '../ports/service-error.ts';
import { type LocalQueues, type LocalQueuesParams, openLocalQueues } from '../services/sqs/local.ts';
import { ACCOUNT, defaultRegion } from './arn.ts';
import type { ProjectDefinition, QueueSettings } from './define-project.ts';
import { ProjectError } from './project-error.ts';
import { systemClock } from './system-clock.ts';

export type ProjectQueuesParams = Omit<LocalQueuesParams, 'queues'> & {
  readonly definition: Pick<ProjectDefinition, 'queues'>;
};

/** @throws ProjectError when a setting cannot be */
export function openProjectQueues({ definition, ...rest }: ProjectQueuesParams): LocalQueues {
  const settings = Object.entries(definition.queues ?? {});
  try {
    return openLocalQueues({
      ...rest,
      queues: Object.fromEntries(settings.map(([name, one]) => [name, attributesOf(one)])),
    });
  } catch (error) {
    if (error instanceof ServiceError) throw new ProjectError(`queues: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Those of a directory that nobody works with. */
export function openStillQueues(directory: string): LocalQueues {
  const place = { region: defaultRegion(), account: ACCOUNT };
  return openLocalQueues({ directory, queues: {}, clock: systemClock, endpoint: () => '', ...place });
}

const NAMES: Readonly<Record<keyof Omit<QueueSettings, 'deadLetters'>, string>> = {
  visibilityTimeoutSeconds: 'VisibilityTimeout',
  delaySeconds: 'DelaySeconds',
  retentionSeconds: 'MessageRetentionPeriod',
  receiveWaitSeconds: 'ReceiveMessageWaitTimeSeconds',
  contentBasedDeduplication: 'ContentBasedDeduplication',
};

function attributesOf({ deadLetters, ...rest }: QueueSettings): Record<string, string> {
  const attributes = Object.entries(rest).map(([name, value]) => [NAMES[name as keyof typeof NAMES], String(value)]);
  return {
    ...Object.fromEntries(attributes),
    ...(deadLetters && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:${defaultRegion()}:${ACCOUNT}:${deadLetters.queue}`,
        maxReceiveCount: deadLetters.maxReceiveCount,
      }),
    }),
  };
}
