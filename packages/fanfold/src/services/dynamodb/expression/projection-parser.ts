/** Reads a `ProjectionExpression`: paths with commas between them. */
import type { Names } from './names.ts';
import { checkPaths, type Flaw, Reader } from './reader.ts';
import type { Path } from './syntax.ts';

const ORDER: readonly Flaw[] = ['reserved', 'operands', 'overlap', 'conflict'];

/** @throws ServiceError ValidationException */
export function parseProjection(parameter: string, text: string, names: Names): readonly Path[] {
  const reader = new Reader(parameter, text, names);
  const paths = [reader.path()];
  while (reader.takeSign(',')) paths.push(reader.path());
  checkPaths(reader, paths);
  reader.finish(ORDER);
  return paths;
}
