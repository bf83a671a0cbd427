/** The topics of a project, as the topic service takes them. */
import { ServiceError } from '../ports/service-error.ts';
import {
  type LocalTopics,
  type LocalTopicsParams,
  openLocalTopics,
  type TopicSubscription,
} from '../services/sns/local.ts';
import { ACCOUNT, defaultRegion, functionArn } from './arn.ts';
import type { ProjectDefinition, SubscriptionSettings } from './define-project.ts';
import { ProjectError } from './project-error.ts';

export type ProjectTopicsParams = Omit<LocalTopicsParams, 'topics'> & {
  readonly definition: Pick<ProjectDefinition, 'topics'>;
};

/** @throws ProjectError when a setting cannot be */
export function openProjectTopics({ definition, ...rest }: ProjectTopicsParams): LocalTopics {
  const settings = Object.entries(definition.topics ?? {});
  try {
    const topics = settings.map(([name, { subscriptions = [] }]) => [name, subscriptions.map(subscriptionOf)] as const);
    return openLocalTopics({ ...rest, topics: Object.fromEntries(topics) });
  } catch (error) {
    if (error instanceof ServiceError) throw new ProjectError(`topics: ${error.message}`, { cause: error });
    throw error;
  }
}

function subscriptionOf(settings: SubscriptionSettings): TopicSubscription {
  const { queue, function: functionName, email, http, raw, filter } = settings;
  const attributes = {
    ...(raw !== undefined && { RawMessageDelivery: String(raw) }),
    ...(filter !== undefined && { FilterPolicy: JSON.stringify(filter) }),
  };
  const endpoints: TopicSubscription[] = [
    ...(queue === undefined
      ? []
      : [{ protocol: 'sqs' as const, endpoint: `arn:aws:sqs:${defaultRegion()}:${ACCOUNT}:${queue}`, attributes }]),
    ...(functionName === undefined
      ? []
      : [{ protocol: 'lambda' as const, endpoint: functionArn(functionName), attributes }]),
    ...(email === undefined ? [] : [{ protocol: 'email' as const, endpoint: email, attributes }]),
    ...(http === undefined
      ? []
      : [{ protocol: /^https:/i.test(http) ? ('https' as const) : ('http' as const), endpoint: http, attributes }]),
  ];
  const [one, ...others] = endpoints;
  if (!one || others.length > 0)
    throw new ProjectError(
      `topics: a subscription needs one of queue, function, email and http: ${JSON.stringify(settings)}`,
    );
  return one;
}

/** Those of a directory that nobody works with. */
export function openStillTopics(directory: string): LocalTopics {
  return openLocalTopics({
    directory,
    topics: {},
    deliveries: { accept: (answer) => answer },
    now: Date.now,
    region: defaultRegion(),
    account: ACCOUNT,
    endpoint: () => '',
  });
}
