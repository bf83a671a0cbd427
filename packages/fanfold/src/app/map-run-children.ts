/** Which names the children of a map run have, for those who have only the names. */
export { numberedArn, siblingsOf } from '../runtimes/child-names.ts';
