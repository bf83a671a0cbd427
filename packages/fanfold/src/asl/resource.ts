/** The Resource of a Task state, taken apart. */

export type ResourcePattern = 'requestResponse' | 'sync' | 'waitForTaskToken';

export interface Resource {
  /** As the definition has it. */
  readonly arn: string;
  /** How its events are named: a bare function ARN has events of its own. */
  readonly kind: 'function' | 'activity' | 'integration';
  /** `lambda`, `dynamodb`, `aws-sdk:s3`, …: what AWS's history calls resourceType. */
  readonly service: string;
  /** `invoke`, `startExecution.sync:2`, …: what AWS's history calls resource. For a function its name. */
  readonly action: string;
  readonly pattern: ResourcePattern;
}

const FUNCTION = /^arn:[^:]*:lambda:[^:]*:[^:]*:function:(.+)$/;
const ACTIVITY = /^arn:[^:]*:states:[^:]*:[^:]*:activity:(.+)$/;
const INTEGRATION = /^arn:[^:]*:states:[^:]*:[^:]*:(aws-sdk:[^:]+|(?!aws-sdk:)[^:]+):([^:]+(?::\d+)?)$/;

/** Undefined when the text is not the ARN of something that a Task state can call. */
export function parseResource(arn: string): Resource | undefined {
  const fn = FUNCTION.exec(arn);
  if (fn?.[1]) return { arn, kind: 'function', service: 'lambda', action: fn[1], pattern: 'requestResponse' };
  const activity = ACTIVITY.exec(arn);
  if (activity?.[1])
    return { arn, kind: 'activity', service: 'activity', action: activity[1], pattern: 'requestResponse' };
  const integration = INTEGRATION.exec(arn);
  if (!integration?.[1] || !integration[2]) return undefined;
  const action = integration[2];
  return { arn, kind: 'integration', service: integration[1], action, pattern: patternOf(action) };
}

function patternOf(action: string): ResourcePattern {
  if (/\.sync(:\d+)?$/.test(action)) return 'sync';
  return action.endsWith('.waitForTaskToken') ? 'waitForTaskToken' : 'requestResponse';
}
