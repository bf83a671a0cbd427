/** What an object made of parts holds, by its key: who reads it can tell whether it is whole. */
export const UPLOAD_BUCKET = 'parts-bucket';

const SMALLEST_PART = 5 * 1024 * 1024;

/** Of some keys the first part is as large as a part must be that is not the last one. */
export function uploadedParts(key: string): readonly Buffer[] {
  const last = Buffer.from(`${key};`.repeat(500));
  return key.endsWith('4') || key.endsWith('0') ? [Buffer.alloc(SMALLEST_PART, key), last] : [last];
}
