/**
 * What a role may do: statements as AWS IAM writes them. An action is allowed when a statement allows it and none denies it.
 * Of an ARN only the service and what stands behind the account count: a policy that is written for AWS holds here as it is.
 */

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** `s3:GetObject`; `*` and `?` stand for any text and any character. */
  readonly actions: readonly string[];
  /** ARNs, or `*`; with the same signs. */
  readonly resources: readonly string[];
}

export type Policy = readonly Statement[];

/** Somebody who works for the project: what it may do is its policy. */
export interface Role {
  /** `function:load`, `job:splitter`, `stateMachine:Main`, `functions`. */
  readonly name: string;
  readonly policy: Policy;
}

/** One thing that somebody wants to do. */
export interface Access {
  /** `dynamodb:PutItem` */
  readonly action: string;
  /** An ARN; `*` where the action is on nothing in particular. */
  readonly resource: string;
  /** What conditions of policies may ask for, by the key in lower case: `s3:prefix`. */
  readonly keys?: Readonly<Record<string, string>>;
}

/** Everything that there is here. */
export const EVERYTHING: Policy = [{ effect: 'Allow', actions: ['*'], resources: ['*'] }];

/** Why an access is refused; undefined when it is not. */
export function refusal(policy: Policy, { action, resource }: Access): 'denied' | 'not allowed' | undefined {
  const applying = policy.filter(
    ({ actions, resources }) =>
      actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      resources.some((pattern) => matches(placeless(pattern), placeless(resource))),
  );
  if (applying.some(({ effect }) => effect === 'Deny')) return 'denied';
  return applying.length > 0 ? undefined : 'not allowed';
}

/** `arn:aws:s3:::b/k` as `s3:b/k`: without partition, region and account. */
export function placeless(arn: string): string {
  const [, service = '', rest = ''] = /^arn:[^:]*:([^:]*):[^:]*:[^:]*:(.*)$/s.exec(arn) ?? [];
  return service === '' ? arn : `${service}:${rest}`;
}

/** Without going back more than once for each `*`: a pattern cannot make it slow. */
export function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || (pattern[p] === text[t] && pattern[p] !== '*'))) {
      p++;
      t++;
    } else if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
