/**
 * What goes wrong inside a state, in the workflow's own terms: an error name and, mostly, a cause.
 * `States.*` names are those of the Amazon States Language, appendix A.
 */
export class StatesError extends Error {
  override readonly name = 'StatesError';
  readonly error: string;
  /**
   * `bare` causes are shown as they are; the others are introduced with the state's name and the event that entered it,
   * as AWS does for errors of the workflow's own making.
   */
  readonly bare: boolean;

  constructor(error: string, cause: string, bare = false) {
    super(cause);
    this.error = error;
    this.bare = bare;
  }
}

export function runtimeError(cause: string): StatesError {
  return new StatesError('States.Runtime', cause);
}
