/** Who may ask: clients that sign in their header, and whoever has a link that is signed in its query. */
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../ports/service-error.ts';
import type { Result } from '../../result.ts';
import type { ChunkSigning, S3Headers } from './request.ts';

/** A request as it came in: nothing of it decoded or normalised, or the signature is of something else. */
export interface SignedLink {
  readonly method: string;
  /** The Host header. */
  readonly host: string;
  /** The request target as on the wire. */
  readonly pathAndQuery: string;
  readonly headers: S3Headers;
}

/** Whether a link was signed with a key of ours, and holds now. */
export type VerifyLink = (link: SignedLink) => Result<unknown, ServiceError>;

/** The secret of a key of ours. */
export type SecretFor = (accessKeyId: string) => string | undefined;

const CREDENTIAL = /^AWS4-HMAC-SHA256\s+(?=.*Credential=([^/,\s]+)\/([^,\s]+))(?=.*Signature=([0-9a-f]+))?/i;
const LINK = /[?&]X-Amz-(?:Signature|Credential)=/;

/** Whether a request is one of an AWS client: it is signed in its header, which no page of another origin can do. */
export function isSigned({ headers: { authorization = '' } }: IncomingMessage): boolean {
  return authorization.startsWith('AWS4-HMAC-SHA256 ');
}

/** Whether a request is signed for S3 and no other service. */
export function isForS3(incoming: IncomingMessage): boolean {
  const { url = '', headers } = incoming;
  if (LINK.test(url)) return true;
  const scope = CREDENTIAL.exec(headers.authorization ?? '')?.[2] ?? '';
  return scope.endsWith('/s3/aws4_request');
}

export interface Authority {
  readonly isLink: boolean;
  /** The request's headers, with those that a link carries in its query. */
  readonly headers: S3Headers;
  readonly chunkSigning?: ChunkSigning;
}

/** @throws ServiceError AccessDenied, InvalidArgument, and what a link is refused with */
export function authorityOf(
  incoming: IncomingMessage,
  headers: S3Headers,
  { verifyLink, secretFor }: { readonly verifyLink: VerifyLink; readonly secretFor: SecretFor },
): Authority {
  const { method = '', url: pathAndQuery = '' } = incoming;
  if (headers['authorization'] !== undefined && LINK.test(pathAndQuery)) throw TWO_WAYS;
  if (isSigned(incoming)) return { isLink: false, headers, ...chunkSigning(headers, secretFor) };
  if (!LINK.test(pathAndQuery)) throw isSignedByVersion2(incoming) ? VERSION_2 : ACCESS_DENIED;
  const link = { method, host: headers['host'] ?? '', pathAndQuery, headers };
  const verified = verifyLink(link);
  // Who may read an object may ask how long it is: a link to read it is signed for GET alone.
  const result = !verified.ok && method === 'HEAD' ? verifyLink({ ...link, method: 'GET' }) : verified;
  if (!result.ok) throw result.error;
  return { isLink: true, headers: { ...carried(pathAndQuery), ...headers } };
}

/** As boto3 and older versions of the AWS CLI make links, unless they are told otherwise. */
function isSignedByVersion2({ url = '', headers: { authorization = '' } }: IncomingMessage): boolean {
  return authorization.startsWith('AWS ') || (/[?&]AWSAccessKeyId=/.test(url) && /[?&]Signature=/.test(url));
}

/** As S3 refuses it for newer buckets. */
const VERSION_2: ServiceError = new ServiceError(
  'InvalidRequest',
  'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256: set signature_version to s3v4.',
);

const TWO_WAYS: ServiceError = new ServiceError(
  'InvalidArgument',
  'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
);

export const ACCESS_DENIED: ServiceError = new ServiceError('AccessDenied', 'Access Denied', 403);

/** What presigners put into the query in place of headers. */
function carried(pathAndQuery: string): S3Headers {
  const query = new URLSearchParams(pathAndQuery.replace(/^[^?]*\??/s, ''));
  return Object.fromEntries(
    [...query].map(([name, value]) => [name.toLowerCase(), value] as const).filter(([name]) => CARRIED.test(name)),
  );
}

const CARRIED = /^x-amz-(?!algorithm$|credential$|date$|expires$|signedheaders$|signature$|security-token$)/;

function chunkSigning(headers: S3Headers, secretFor: SecretFor): { readonly chunkSigning?: ChunkSigning } {
  const [, id = '', scope = '', seed = ''] = CREDENTIAL.exec(headers['authorization'] ?? '') ?? [];
  const secretAccessKey = secretFor(id);
  if (secretAccessKey === undefined) return {};
  return { chunkSigning: { secretAccessKey, seed, scope, date: headers['x-amz-date'] ?? '' } };
}
