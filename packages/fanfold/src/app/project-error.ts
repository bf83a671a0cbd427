/** Something in the project, or on the machine, is not as it must be. The message says what, where, and the next move. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError';
}
