/** The ways in which AWS lets a function be named. */

const FULL_ARN = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)(?::([^:]+))?$/;
const PARTIAL_ARN = /^\d{12}:(?:function:)?([^:]+)(?::([^:]+))?$/;
const BARE_NAME = /^(?:function:)?([^:]+)(?::([^:]+))?$/;

export interface FunctionName {
  readonly name: string;
  /** Version or alias. Fanfold has one version of each function, so it only shows in messages. */
  readonly qualifier?: string;
}

/** Takes a name, `name:alias`, ARN or partial ARN apart. Undefined when the text is none of these. */
export function parseFunctionName(text: string): FunctionName | undefined {
  const match = FULL_ARN.exec(text) ?? PARTIAL_ARN.exec(text) ?? BARE_NAME.exec(text);
  if (!match?.[1]) return undefined;
  return match[2] === undefined ? { name: match[1] } : { name: match[1], qualifier: match[2] };
}
