/** An object that was created, as rules may ask for it: the event that S3 sends, and the one that CloudTrail makes of the call. */
import type { ObjectEvent } from '../../ports/objects.ts';
import { uuidOf } from '../task-key.ts';
import { type BusEvent, eventOf, type Place } from './event.ts';

/** The same for every delivery of the event, to the last byte (I5). Keys stand in them as they are, unlike in S3's notifications. */
export function objectEvents(event: ObjectEvent, place: Place): readonly BusEvent[] {
  return [fromS3(event, place), fromCloudTrail(event, place)];
}

function idOf({ object: { bucket, key, sequencer } }: ObjectEvent, kind: string): string {
  return uuidOf(JSON.stringify([kind, bucket, key, sequencer]));
}

/** The call that made it. */
const CALLS: Readonly<Record<string, string>> = {
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
};

function fromS3(event: ObjectEvent, place: Place): BusEvent {
  const { bucket, key, size, eTag, sequencer, versionId } = event.object;
  const id = idOf(event, 's3');
  return eventOf(
    {
      id,
      source: 'aws.s3',
      detailType: 'Object Created',
      at: event.at.getTime(),
      resources: [`arn:aws:s3:::${bucket}`],
      detail: {
        version: '0',
        bucket: { name: bucket },
        object: { key, size, etag: eTag, ...(versionId !== undefined && { 'version-id': versionId }), sequencer },
        'request-id': requestId(id),
        requester: place.account,
        'source-ip-address': '127.0.0.1',
        reason: callOf(event),
      },
    },
    place,
  );
}

function callOf({ name }: ObjectEvent): string {
  return CALLS[name] ?? 'PutObject';
}

function fromCloudTrail(event: ObjectEvent, place: Place): BusEvent {
  const { bucket, key, size, versionId } = event.object;
  const id = idOf(event, 'cloudtrail');
  const { region, account } = place;
  return eventOf(
    {
      id,
      source: 'aws.s3',
      detailType: 'AWS API Call via CloudTrail',
      at: event.at.getTime(),
      resources: [],
      detail: {
        eventVersion: '1.08',
        userIdentity: { type: 'Root', principalId: account, arn: `arn:aws:iam::${account}:root`, accountId: account },
        eventTime: `${event.at.toISOString().slice(0, 19)}Z`,
        eventSource: 's3.amazonaws.com',
        eventName: callOf(event),
        awsRegion: region,
        sourceIPAddress: '127.0.0.1',
        userAgent: '[fanfold]',
        requestParameters: { bucketName: bucket, Host: `${bucket}.s3.${region}.amazonaws.com`, key },
        responseElements: versionId === undefined ? null : { 'x-amz-version-id': versionId },
        additionalEventData: { bytesTransferredIn: size, bytesTransferredOut: 0 },
        requestID: requestId(id),
        eventID: id,
        readOnly: false,
        resources: [
          { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${bucket}/${key}` },
          { accountId: account, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}` },
        ],
        eventType: 'AwsApiCall',
        managementEvent: false,
        recipientAccountId: account,
        eventCategory: 'Data',
      },
    },
    place,
  );
}

function requestId(id: string): string {
  return id.replaceAll('-', '').slice(0, 16).toUpperCase();
}
