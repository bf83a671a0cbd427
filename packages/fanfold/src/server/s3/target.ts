/** Which bucket and key a request of S3 means: path style only, and nothing of the path is normalised. */
import { ServiceError } from '../../ports/service-error.ts';

export interface S3Target {
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
}

/** @param url the request target as on the wire @throws ServiceError InvalidURI */
export function parseTarget(url: string): S3Target {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return {
    bucket: decode(bucket),
    key: decode(key),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError('InvalidURI', `Couldn't parse the specified URI: ${text.slice(0, 200)}`);
  }
}
