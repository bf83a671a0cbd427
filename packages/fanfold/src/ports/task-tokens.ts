/** Answering tasks from outside: what somebody says who was given a task's token. */

export interface TaskTokens {
  /**
   * The task is done. Resolves once that is durable.
   * @param params.output JSON text
   * @throws ServiceError InvalidToken, InvalidOutput, TaskTimedOut, TaskDoesNotExist
   */
  succeed(params: { readonly taskToken: string; readonly output: string }): Promise<void>;
  /** The task has failed. Resolves once that is durable. @throws ServiceError InvalidToken, TaskTimedOut, TaskDoesNotExist */
  fail(params: { readonly taskToken: string; readonly error?: string; readonly cause?: string }): Promise<void>;
  /** Somebody still works on the task: its HeartbeatSeconds begin anew. @throws ServiceError as {@link TaskTokens.fail} */
  heartbeat(params: { readonly taskToken: string }): Promise<void>;
}
