/**
 * Presigned URLs, as S3 makes and checks them (SigV4 in the query): whoever has the link may read the object until the
 * link expires. Path style, `http://host:port/<bucket>/<key>?X-Amz-…`.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Links } from '../../ports/links.ts';
import type { ObjectRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { fail, ok, type Result } from '../../result.ts';
import { checkBucketName, checkKey } from './object-name.ts';
import { ALGORITHM, amzDate, credential, encode, parseAmzDate, SIGNING, signQuery } from './signature.ts';

export interface LinkSigner {
  /** Where the objects are served, `http://host:port`; asked for each link, since a port may be known late. */
  readonly endpoint: () => string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A request as it came in; nothing of it decoded or normalised, or the signature is of something else. */
export interface LinkRequest {
  readonly method: string;
  /** The Host header. */
  readonly host: string;
  /** The request target as on the wire. */
  readonly pathAndQuery: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for a key that is not ours. */
  readonly secretFor: (accessKeyId: string) => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Seven days, as on AWS. */
const LONGEST_SECONDS = 604_800;
/**
 * How far the clock of the signer may be ahead. AWS allows 15 minutes; here it is mostly the same clock, and one that is set back
 * must not take away the links that are out.
 */
const CLOCK_SKEW_MS = 24 * 60 * 60 * 1000;

/** @returns Links whose `sign` throws ServiceError for what is no bucket, no key or no such duration */
export function createLinks({ endpoint, region, accessKeyId, secretAccessKey, now }: LinkSigner): Links {
  return {
    sign: async ({ bucket, key }, expiresInSeconds) => {
      checkBucketName(bucket);
      checkKey(key);
      if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > LONGEST_SECONDS)
        throw malformed(`A link lasts 1 to ${LONGEST_SECONDS} whole seconds, not ${expiresInSeconds}.`);
      const { origin, host } = new URL(endpoint());
      const query = signQuery({
        method: 'GET',
        host,
        path: `/${bucket}/${key}`,
        query: [[SIGNING.expires, String(expiresInSeconds)]],
        date: amzDate(now()),
        region,
        accessKeyId,
        secretAccessKey,
      });
      return `${origin}${linkPath({ bucket, key })}?${query}`;
    },
  };
}

/**
 * A key with a segment `.` or `..` has its slashes encoded, or every client would walk them up before it asks; one that
 * is nothing else takes the slash before it along. The signature is of the decoded path and does not see the difference.
 */
function linkPath({ bucket, key }: ObjectRef): string {
  const segments = key.split('/');
  const walks = segments.some((segment) => segment === '.' || segment === '..');
  if (walks && segments.length === 1) return `/${bucket}%2F${key}`;
  return `/${bucket}/${segments.map(encode).join(walks ? '%2F' : '/')}`;
}

/** Whether this request is a link that we signed and that holds now; if so, its path, decoded. Refusals are S3's. */
export function verifyLink(request: LinkRequest): Result<string, ServiceError> {
  try {
    return ok(verify(request));
  } catch (error) {
    if (error instanceof ServiceError) return fail(error);
    throw error;
  }
}

function verify({ method, host, pathAndQuery, headers, secretFor, now }: LinkRequest): string {
  const mark = pathAndQuery.indexOf('?');
  const path = decode(mark < 0 ? pathAndQuery : pathAndQuery.slice(0, mark));
  const query = parseQuery(mark < 0 ? '' : pathAndQuery.slice(mark + 1));
  const claim = readClaim(query);

  const secretAccessKey = secretFor(claim.accessKeyId);
  if (secretAccessKey === undefined)
    throw new ServiceError(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      403,
    );
  const rest = [...query].filter(([name]) => !ADDED.has(name));
  const signed = signQuery({
    method,
    host,
    path,
    query: rest,
    ...claim,
    headers: signedHeaders(claim, headers),
    secretAccessKey,
  });
  if (!sameSignature(signed.slice(signed.lastIndexOf('=') + 1), claim.signature))
    throw new ServiceError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    );
  checkTime(claim, now);
  return path;
}

/** What {@link signQuery} adds by itself. */
const ADDED: ReadonlySet<string> = new Set([
  SIGNING.algorithm,
  SIGNING.credential,
  SIGNING.date,
  SIGNING.signedHeaders,
  SIGNING.signature,
]);

interface Claim {
  readonly accessKeyId: string;
  readonly region: string;
  readonly date: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Seconds. */
  readonly expires: number;
  /** Names in lower case, beside that of the host. */
  readonly headers: readonly string[];
  readonly signature: string;
}

/** What the query says of itself. Everything but the signature is covered by the signature. */
function readClaim(query: ReadonlyMap<string, string>): Claim {
  const [algorithm, scope, date, expires, signedHeaders, signature] = [
    SIGNING.algorithm,
    SIGNING.credential,
    SIGNING.date,
    SIGNING.expires,
    SIGNING.signedHeaders,
    SIGNING.signature,
  ].map((name) => {
    const value = query.get(name);
    if (value === undefined) throw malformed(MISSING);
    return value;
  }) as [string, string, string, string, string, string];

  if (algorithm !== ALGORITHM) throw malformed(`X-Amz-Algorithm only supports "${ALGORITHM}"`);
  const at = parseAmzDate(date);
  if (at === undefined) throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const [, accessKeyId = '', region = ''] = /^([^/]+)\/\d{8}\/([a-z0-9-]+)\/s3\/aws4_request$/.exec(scope) ?? [];
  if (scope !== credential({ accessKeyId, region, date }))
    throw malformed(
      'Error parsing the X-Amz-Credential parameter; it must be <access key>/<date>/<region>/s3/aws4_request',
    );
  if (!/^\d{1,9}$/.test(expires) || Number(expires) < 1) throw malformed('X-Amz-Expires should be a number');
  if (Number(expires) > LONGEST_SECONDS)
    throw malformed(`X-Amz-Expires must be less than a week (in seconds) that is ${LONGEST_SECONDS}`);
  const names = signedHeaders.split(';');
  if (!names.includes('host') || !names.every((name) => /^[a-z0-9-]+$/.test(name)))
    throw malformed('X-Amz-SignedHeaders must be names in lower case, "host" among them');
  const headers = names.filter((name) => name !== 'host');
  return { accessKeyId, region, date, at, expires: Number(expires), headers, signature };
}

/** @throws ServiceError AccessDenied when a header that changes what is asked for is not signed */
function signedHeaders({ headers: names }: Claim, headers: LinkRequest['headers']): Record<string, string> {
  const loose = Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !names.includes(name));
  if (loose.length > 0)
    throw new ServiceError(
      'AccessDenied',
      `There were headers present in the request which were not signed: ${loose.join(', ')}`,
      403,
    );
  return Object.fromEntries(names.map((name) => [name, headers[name] ?? '']));
}

function checkTime({ at, expires }: Claim, now: number): void {
  if (now < at - CLOCK_SKEW_MS) throw new ServiceError('AccessDenied', 'Request is not yet valid', 403);
  if (now >= at + expires * 1000) throw new ServiceError('AccessDenied', 'Request has expired', 403);
}

/** Takes equally long wherever the two differ. */
function sameSignature(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Each parameter once: which of two would count is anyone's guess. */
function parseQuery(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    if (query.has(name) || name === '' || name === '__proto__')
      throw malformed(`The query has an unusable parameter: ${name}`);
    query.set(name, equals < 0 ? '' : decode(part.slice(equals + 1)));
  }
  return query;
}

/** In a URL's path and in S3's queries a plus is a plus. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

const MISSING =
  'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, ' +
  'X-Amz-SignedHeaders, and X-Amz-Expires parameters.';

function malformed(message: string): ServiceError {
  return new ServiceError('AuthorizationQueryParametersError', message);
}
