/** Answering tasks that wait: their workers say how they ended, or that they are alive. */
import type { Limits } from '../../interpreter/limits.ts';
import { INPUT_BYTES } from '../limits.ts';
import { type Field, given, required, text } from '../params.ts';
import { type Action, action } from './action.ts';

const taskToken: Field<string> = required(text({ min: 1, max: 2048 }));

/** @param limits whose limits an output is read by: the same as those of an input */
export const taskTokenActions = (limits: Limits): Readonly<Record<string, Action>> => ({
  SendTaskSuccess: action(
    { taskToken, output: required(text({ max: INPUT_BYTES[limits], sensitive: true })) },
    async (params, context) => {
      await context.tokens.succeed(params);
      return {};
    },
  ),

  SendTaskFailure: action(
    {
      taskToken,
      error: text({ max: 256, sensitive: true }),
      cause: text({ max: 32_768, sensitive: true }),
    },
    async ({ error, cause, ...params }, context) => {
      await context.tokens.fail({ ...params, ...given({ error, cause }) });
      return {};
    },
  ),

  SendTaskHeartbeat: action({ taskToken }, async (params, context) => {
    await context.tokens.heartbeat(params);
    return {};
  }),
});
