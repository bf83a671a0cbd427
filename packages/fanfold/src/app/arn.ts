/** ARNs of a project's own things, and the names in ARNs from anywhere. */

export const ACCOUNT = '000000000000';

/** The region of ARNs: `AWS_REGION`, or us-east-1. */
export function defaultRegion(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment['AWS_REGION'] || 'us-east-1';
}

/** The ARN of a function of this project, for a definition substitution. */
export function functionArn(name: string): string {
  return `arn:aws:lambda:${defaultRegion()}:${ACCOUNT}:function:${name}`;
}

/** The ARN of a state machine of this project, for a definition substitution. */
export function stateMachineArn(name: string): string {
  return `arn:aws:states:${defaultRegion()}:${ACCOUNT}:stateMachine:${name}`;
}

/** The last part of an ARN; a plain name is itself. */
export function nameInArn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
