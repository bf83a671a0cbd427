/**
 * AWS Signature Version 4 in the query of a URL, as S3 has it: `aws4` does the signing; the path and what of the query
 * is signed are made here, because S3 signs a key's own bytes, neither normalised nor encoded twice.
 */
import aws4 from 'aws4';

export interface SignedRequest {
  readonly method: string;
  /** As in the Host header: with the port, unless it is the scheme's own. */
  readonly host: string;
  /** Decoded: a slash, and what follows. */
  readonly path: string;
  /** Decoded, without X-Amz-Algorithm, -Credential, -SignedHeaders and -Signature, which are added. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Those that are signed beside the host, by names in lower case. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly date: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The names that make a query signed. */
export const SIGNING = {
  algorithm: 'X-Amz-Algorithm',
  credential: 'X-Amz-Credential',
  date: 'X-Amz-Date',
  expires: 'X-Amz-Expires',
  signedHeaders: 'X-Amz-SignedHeaders',
  signature: 'X-Amz-Signature',
} as const;

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The query that belongs to the request, as text: what was given, how it is signed, and the signature last. */
export function signQuery(request: SignedRequest): string {
  const { method, host, path, query, headers = {}, date, region, accessKeyId, secretAccessKey } = request;
  const signed = ['host', ...Object.keys(headers)].sort();
  // Even those that it leaves out by itself.
  const included = Object.fromEntries(Object.keys(headers).map((name) => [name, true]));
  const all: (readonly [string, string])[] = [
    ...query,
    [SIGNING.algorithm, ALGORITHM],
    [SIGNING.credential, credential(request)],
    [SIGNING.date, date],
    [SIGNING.signedHeaders, signed.join(';')],
  ];
  const text = all.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const toSign = {
    method,
    host,
    path: `${encodePath(path)}?${text}`,
    headers: { Host: host, ...headers },
    extraHeadersToInclude: included,
    service: 's3',
    region,
    signQuery: true,
  };
  const signer = new aws4.RequestSigner(toSign, { accessKeyId, secretAccessKey });
  signer.prepareRequest();
  return `${text}&${SIGNING.signature}=${signer.signature()}`;
}

/** Whose key it is, and for which day, region and service. */
export function credential(request: Pick<SignedRequest, 'accessKeyId' | 'date' | 'region'>): string {
  return `${request.accessKeyId}/${request.date.slice(0, 8)}/${request.region}/s3/aws4_request`;
}

/** `2013-05-24T00:00:00.000Z` as `20130524T000000Z`. @param at milliseconds since the epoch */
export function amzDate(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Milliseconds since the epoch, or undefined when the text is not such a date. */
export function parseAmzDate(text: string): number | undefined {
  const at = Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(at) || amzDate(at) !== text ? undefined : at;
}

/** Percent-encoding as SigV4 wants it: all but letters, digits and `-._~`. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The same for a path: slashes stay. */
function encodePath(path: string): string {
  return path.split('/').map(encode).join('/');
}
