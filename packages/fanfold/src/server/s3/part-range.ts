/** `partNumber` in the query of a read: one of the parts that an object was made of, as a range of its bytes. */
import type { ObjectDetails, ObjectInfo } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { ByteRange } from './byte-range.ts';
import { invalidArgument, type S3Request } from './request.ts';

const MOST_PARTS = 10_000;

/** Which part is asked for; undefined where none is. @throws ServiceError InvalidArgument, InvalidRequest */
export function partAsked({ query, headers }: Pick<S3Request, 'query' | 'headers'>): number | undefined {
  const text = query.get('partNumber');
  if (text === null) return undefined;
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MOST_PARTS)
    throw invalidArgument(`Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`);
  if (headers['range'] !== undefined)
    throw new ServiceError('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
  return number;
}

/** An object that was not made of parts is its own first one. @throws ServiceError InvalidPartNumber */
export function partRange(number: number, { size, details }: Pick<ObjectInfo, 'size' | 'details'>): ByteRange {
  const { parts = [{ first: 1, size, count: 1 }] } = details;
  let start = 0;
  for (const run of parts) {
    const place = number - run.first;
    if (place >= 0 && place < run.count) {
      const from = start + place * run.size;
      return run.size === 0 ? { kind: 'whole' } : { kind: 'part', start: from, end: from + run.size - 1 };
    }
    start += run.size * run.count;
  }
  throw new ServiceError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
    PartNumberRequested: String(number),
    ActualPartCount: String(partCount({ parts })),
  });
}

/** Of how many parts an object was made. */
export function partCount({ parts = [] }: Pick<ObjectDetails, 'parts'>): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}
