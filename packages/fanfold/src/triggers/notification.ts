/** What S3 sends when an object was created (event message structure 2.1). */
import type { JsonObject } from '../json.ts';
import type { ObjectEvent } from '../ports/objects.ts';
import { startHash } from './execution-name.ts';
import type { FoundFile } from './file-set/file-sets.ts';
import type { Trigger } from './trigger.ts';

export interface Place {
  readonly region: string;
  readonly account: string;
}

/** The files that a manifest names, as they stand beside its `Records`. */
export function filesOf(files: readonly FoundFile[]): readonly JsonObject[] {
  return files.map(({ named: { digests, records }, object: { bucket, key, size, eTag, versionId } }) => ({
    bucket,
    key,
    size,
    eTag,
    ...(versionId !== undefined && { versionId }),
    ...(records !== undefined && { records }),
    ...Object.fromEntries(digests.map(({ name, hex }) => [name, hex])),
  }));
}

/** The same for every delivery of the event, to the last byte (I5). */
export function notificationOf(
  trigger: Pick<Trigger, 'name'>,
  event: ObjectEvent,
  { region, account }: Place,
): JsonObject {
  const { object } = event;
  const requestId = startHash(trigger, event).toUpperCase();
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: event.at.toISOString(),
        eventName: event.name,
        userIdentity: { principalId: `AWS:${account}` },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': requestId.slice(0, 16), 'x-amz-id-2': requestId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: trigger.name,
          bucket: {
            name: object.bucket,
            ownerIdentity: { principalId: account },
            arn: `arn:aws:s3:::${object.bucket}`,
          },
          object: {
            key: encodeKey(object.key),
            size: object.size,
            eTag: object.eTag,
            ...(object.versionId !== undefined && { versionId: object.versionId }),
            sequencer: object.sequencer,
          },
        },
      },
    ],
  };
}

/** As S3 writes keys into events: percent-encoded UTF-8, a space as `+`, slashes as they are. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');
}
