/** Which names the children of a map run have, for those who have only the names. */
import { childName } from '../runtimes/child-names.ts';

/** How the names of all of them begin. */
export function beginningOfChildren(mapRunArn: string): string {
  return childName(mapRunArn, 0).slice(0, -12);
}
