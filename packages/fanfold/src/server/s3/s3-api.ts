/** The API of S3, for AWS's clients and for whoever has a link. Actions that are not there are refused by name. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../ports/logger.ts';
import type { ServiceError } from '../../ports/service-error.ts';
import { type AccessLog, accessLine } from './access-line.ts';
import { actionOf } from './actions.ts';
import { type Authority, authorityOf, type SecretFor, type VerifyLink } from './authority.ts';
import { headersOf, type S3Request, type S3Storage } from './request.ts';
import type { Guard } from '../guard.ts';
import { s3Access } from './s3-access.ts';
import { sendRefusal } from './s3-error.ts';
import { writtenBy } from './writer.ts';
import { parseTarget, type S3Target } from './target.ts';
import { randomText } from '../../random-text.ts';

export interface S3ApiParams
  extends S3Storage, Pick<S3Request, 'region' | 'account' | 'notifiable' | 'configured' | 'isRole'> {
  readonly verifyLink: VerifyLink;
  /** @defaultValue no key is ours */
  readonly secretFor?: SecretFor;
  /** @defaultValue there is none */
  readonly accessLog?: AccessLog;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly guard: Guard;
}

export type S3Api = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

export function createS3Api(params: S3ApiParams): S3Api {
  const { verifyLink, secretFor = () => undefined, accessLog, logger, now, guard, ...storage } = params;
  return async (incoming, outgoing) => {
    const begun = now();
    const client = incoming.socket.remoteAddress;
    outgoing.setHeader('x-amz-request-id', randomText(8, 'hex').toUpperCase());
    let action = '';
    let refusal: ServiceError | undefined;
    try {
      const given = headersOf(incoming);
      const authority = authorityOf(incoming, given, { verifyLink, secretFor });
      const target = parseTarget(incoming.url ?? '', given['host'] ?? '');
      const { writer, authorise } = guard.s3(incoming);
      const encryption = await encryptionOf(params, target, authority);
      const copySource = authority.headers['x-amz-copy-source'];
      authorise(s3Access({ ...target, method: incoming.method ?? '', copySource, encryption }));
      const request: S3Request = {
        ...storage,
        ...writtenBy(writer, storage),
        ...target,
        ...authority,
        authorise,
        incoming,
        outgoing,
      };
      const { name, run } = actionOf(request);
      action = name;
      await run(request);
    } catch (error) {
      refusal = sendRefusal(incoming, outgoing, error, logger);
    }
    const { account } = params;
    accessLog?.(accessLine({ incoming, outgoing, client, action, refusal, begun, ended: now(), account }));
  };
}

/** What is asked for; of a part, what its upload was begun with. */
async function encryptionOf(
  { uploads }: Pick<S3Storage, 'uploads'>,
  { bucket, key, query }: S3Target,
  { headers }: Authority,
): Promise<string | undefined> {
  const uploadId = query.get('uploadId');
  if (uploadId === null) return headers['x-amz-server-side-encryption'];
  // One that is none is refused by its action.
  return (await uploads.find({ bucket, key, uploadId }).catch(() => undefined))?.encryption;
}
