/** A request of S3, ready for its action. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../../access/policy.ts';
import type { NotificationTargetKind } from '../../ports/bucket-notifications.ts';
import type { BucketConfiguration, Buckets } from '../../ports/buckets.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Uploads } from '../../ports/uploads.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { S3Target } from './target.ts';

/** What the API of S3 works on. */
export interface S3Storage {
  readonly objects: Pick<Objects, 'put' | 'get' | 'head' | 'list' | 'listVersions' | 'copy' | 'delete' | 'tag'>;
  readonly buckets: Buckets;
  readonly uploads: Uploads;
}

export type S3Headers = Readonly<Record<string, string>>;

export interface S3Request extends S3Storage, S3Target {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** By names in lower case; those that a link carries in its query are among them. */
  readonly headers: S3Headers;
  /** A link was opened: by anyone who has it, maybe in a browser. */
  readonly isLink: boolean;
  readonly region: string;
  readonly account: string;
  /** Whether there is such a target of notifications. */
  readonly notifiable: (kind: NotificationTargetKind, arn: string, bucket: string) => Promise<boolean>;
  /** What the project says of a bucket. */
  readonly configured: (bucket: string) => BucketConfiguration;
  /** Whether there is such a role: `function:load`. */
  readonly isRole: (name: string) => boolean;
  /** Whether whoever asks may also do this. @throws ServiceError AccessDenied */
  readonly authorise: (accesses: readonly Access[]) => void;
  /** Of who signed the request; undefined where the key is not one of ours, and the signature is not looked at. */
  readonly chunkSigning?: ChunkSigning;
}

/** What the signatures of a streamed body's chunks are made with. */
export interface ChunkSigning {
  readonly secretAccessKey: string;
  /** Of the request's own signature. */
  readonly seed: string;
  readonly date: string;
  readonly scope: string;
}

export type S3Action = (request: S3Request) => Promise<void> | void;

export function notImplemented(what: string): ServiceError {
  return new ServiceError('NotImplemented', `This server does not have ${what} yet.`, 501);
}

export function invalidArgument(message: string): ServiceError {
  return new ServiceError('InvalidArgument', message);
}

/** The first of the headers' values, by names in lower case. */
export function headersOf({ headers }: IncomingMessage): S3Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** An ETag without its quotes. */
export function bareTag(tag: string): string {
  return tag.trim().replace(/^"(.*)"$/s, '$1');
}
