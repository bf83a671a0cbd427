/** A path that names nothing, in Jayway's words. */
export class PathError extends Error {
  override readonly name = 'PathError';
}
