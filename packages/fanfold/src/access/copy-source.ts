/** What a copy names as its source: `/bucket/key?versionId=…`, percent-encoded. Read once, for whoever allows it and whoever does it. */
export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/** @returns undefined for what is not percent-encoded, or names no bucket and key */
export function parseCopySource(text: string): CopySource | undefined {
  const [, path = '', versionId] = /^(.*?)(?:\?versionId=([^&]*))?$/s.exec(text) ?? [];
  let decoded: string;
  try {
    decoded = decodeURIComponent(path.replaceAll('+', '%20'));
  } catch {
    return undefined;
  }
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decoded) ?? [];
  if (bucket === undefined || key === undefined) return undefined;
  return { bucket, key, ...(versionId !== undefined && { versionId }) };
}
