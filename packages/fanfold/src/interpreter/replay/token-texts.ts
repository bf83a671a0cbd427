/**
 * Texts that hold task tokens. A token is the task that it is for, behind a code that only the recorded engine could make;
 * a replay makes its own, and so texts are compared without their tokens.
 */
import { equalJson, type Json } from '../../json.ts';
import type { Execution } from '../execution.ts';
import { taskToken } from '../task-token.ts';

/** What tokens are made with where nobody answers them. */
export const TOKEN_SECRET = 'replay';

/** Characters of a token that depend on its code: 16 bytes, six bits in each. */
const CODE_CHARACTERS = 22;

export interface TokenTexts {
  /** Whether two JSON texts are equal, but for this execution's tokens. */
  equal(a: string, b: string): boolean;
}

export function tokenTexts({ arn: executionArn, startedAt }: Pick<Execution, 'arn' | 'startedAt'>): TokenTexts {
  const [one, other] = ['0', '~'].map((frame) =>
    taskToken(TOKEN_SECRET, { executionArn, startedAt, frame, attempt: 1 }).slice(CODE_CHARACTERS),
  ) as [string, string];
  // All tokens of one execution begin alike behind their codes; where the frame stands they differ.
  const alike = [...one].findIndex((character, i) => character !== other[i]);
  const token = new RegExp(`[\\w-]{${CODE_CHARACTERS}}${one.slice(0, alike)}[\\w-]*`, 'g');
  const without = (text: string): Json => JSON.parse(text.replace(token, '')) as Json;
  return { equal: (a, b) => a === b || equalJson(without(a), without(b)) };
}
