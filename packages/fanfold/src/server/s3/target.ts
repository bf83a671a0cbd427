/** Which bucket and key a request of S3 means, path style or virtual-host style; nothing of the path is normalised. */
import { ServiceError } from '../../ports/service-error.ts';
import { hostName } from '../host.ts';

export interface S3Target {
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
}

/**
 * `<bucket>.s3.<anything>`, `<bucket>.s3-<region>.amazonaws.com` and `<bucket>.localhost` name a bucket; `s3.<anything>`
 * and this machine's own names do not.
 */
const VIRTUAL_HOST = /^(?!s3[.-])(?:(.+?)\.s3[.-][a-z0-9.-]+|([^.]+(?:\.[^.]+)*?)\.localhost)$/;

/** @param url the request target as on the wire @param host the Host header @throws ServiceError InvalidURI */
export function parseTarget(url: string, host: string): S3Target {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const named = bucketOfHost(host);
  if (named !== undefined) return { bucket: named, key: decode(path.slice(1)), query };
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { ...split(bucket, key), query };
}

/** A link may have the slash behind the bucket encoded, or clients would walk its dots up. */
function split(bucket: string, key: string): { readonly bucket: string; readonly key: string } {
  const decoded = decode(bucket);
  const slash = decoded.indexOf('/');
  if (slash < 0 || key !== '') return { bucket: decoded, key: decode(key) };
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
}

function bucketOfHost(host: string): string | undefined {
  const [, service, local] = VIRTUAL_HOST.exec(hostName(host)) ?? [];
  return service ?? local;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError('InvalidURI', `Couldn't parse the specified URI: ${text.slice(0, 200)}`);
  }
}
