import type { ObjectRef } from './objects.ts';

/** Makes links to objects that anyone who has them can open until they expire. */
export interface Links {
  /** @param expiresInSeconds 1 to 604,800 (seven days, as on AWS). @returns an absolute URL */
  sign(ref: ObjectRef, expiresInSeconds: number): Promise<string>;
}
