/** A line of the access log, in the format of S3's server access logs. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceError } from '../../ports/service-error.ts';
import { parseTarget, type S3Target } from './target.ts';

/** Takes a line, without its end. */
export type AccessLog = (line: string) => void;

export interface Access {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** The client's address; a connection that is gone has none. */
  readonly client: string | undefined;
  /** AWS's name; empty where it is none. */
  readonly action: string;
  readonly refusal: ServiceError | undefined;
  /** Milliseconds since the epoch. */
  readonly begun: number;
  readonly ended: number;
  readonly account: string;
}

export function accessLine({ incoming, outgoing, client, action, refusal, begun, ended, account }: Access): string {
  const { method = '', url = '', httpVersion, headers } = incoming;
  const { bucket, key, version } = targetOf(url, headers.host ?? '');
  const requester = /Credential=([^/,]+)/.exec(headers.authorization ?? '')?.[1];
  return [
    account,
    word(bucket),
    `[${dateOf(begun)}]`,
    word(client?.replace(/^::ffff:/, '')),
    word(requester),
    word(String(outgoing.getHeader('x-amz-request-id') ?? '')),
    `REST.${method}.${action || '-'}`,
    word(encodeURIComponent(key)),
    // A link's signature opens what it is for: it is not written down.
    quoted(`${method} ${url.replace(/([?&]X-Amz-(?:Signature|Security-Token)=)[^&]*/gi, '$1-')} HTTP/${httpVersion}`),
    outgoing.headersSent ? outgoing.statusCode : '-',
    word(refusal?.code),
    word(String(outgoing.getHeader('content-length') ?? '')),
    word(headers['content-length']),
    ended - begun,
    '-',
    quoted(headers.referer ?? '-'),
    quoted(headers['user-agent'] ?? '-'),
    word(version),
  ].join(' ');
}

function targetOf(url: string, host: string): Pick<S3Target, 'bucket' | 'key'> & { readonly version: string } {
  try {
    const { bucket, key, query } = parseTarget(url, host);
    return { bucket, key, version: query.get('versionId') ?? '' };
  } catch {
    return { bucket: '', key: '', version: '' };
  }
}

function word(text: string | undefined): string {
  return text === undefined || text === '' ? '-' : text.replace(/[^\x21-\x7e]/g, '_');
}

function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]|"/g, '_')}"`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `06/Feb/2026:00:00:38 +0000` */
function dateOf(at: number): string {
  const [year, month = '', day, time] = new Date(at).toISOString().split(/[-T.]/);
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}
