/** Policies as a project writes them: IAM's statements, in a list or in a policy document. */
import type { Policy, Statement } from './policy.ts';

/** As in an IAM policy document. Conditions, NotAction and NotResource are not there. */
export interface StatementSettings {
  readonly Sid?: string;
  /** @defaultValue Allow */
  readonly Effect?: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  /** An ARN, with `*` and `?`. @defaultValue * */
  readonly Resource?: string | readonly string[];
}

/** Yields what is wrong: `[0].Action: …`. The shape is checked before. */
export function* policyProblems(settings: readonly StatementSettings[]): Generator<string> {
  for (const [i, { Action, Resource = '*' }] of settings.entries()) {
    for (const action of listOf(Action))
      if (action !== '*' && !/^[a-z0-9-]+:[A-Za-z*?]+$/.test(action))
        yield `[${i}].Action: service:Action is needed, such as s3:GetObject, not ${action}`;
    for (const resource of listOf(Resource))
      if (resource !== '*' && !/^arn:[^:]*:[^:]+:[^:]*:[^:]*:.+/s.test(resource))
        yield `[${i}].Resource: an ARN is needed, such as arn:aws:s3:::bucket/*, not ${resource}`;
  }
}

export function readPolicy(settings: readonly StatementSettings[]): Policy {
  return settings.map(({ Effect = 'Allow', Action, Resource = '*' }): Statement => ({
    effect: Effect,
    actions: listOf(Action),
    resources: listOf(Resource),
  }));
}

/** As an IAM policy document. */
export function policyDocument(policy: Policy): object {
  const one = (values: readonly string[]): string | readonly string[] =>
    values.length === 1 ? (values[0] ?? '') : values;
  return {
    Version: '2012-10-17',
    Statement: policy.map(({ effect, actions, resources }) => ({
      Effect: effect,
      Action: one(actions),
      Resource: one(resources),
    })),
  };
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
