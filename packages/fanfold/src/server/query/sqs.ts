/** SQS in both of its protocols. In that of its clients before 2023 lists and maps are numbered without `entry` and `member`. */
import type { ApiCall } from '../../ports/api-call.ts';
import type { JsonApi } from '../json-apis.ts';
import type { FlatNames } from './form.ts';
import type { QueryApi } from './query-apis.ts';
import type { FlatElements } from './xml.ts';

export const SQS_VERSION = '2012-11-05';

const NAMES: FlatNames = {
  Attribute: { member: 'Attributes', key: 'Name' },
  AttributeName: { member: 'AttributeNames' },
  ChangeMessageVisibilityBatchRequestEntry: { member: 'Entries' },
  DeleteMessageBatchRequestEntry: { member: 'Entries' },
  MessageAttribute: { member: 'MessageAttributes', key: 'Name' },
  MessageAttributeName: { member: 'MessageAttributeNames' },
  MessageSystemAttribute: { member: 'MessageSystemAttributes', key: 'Name' },
  MessageSystemAttributeName: { member: 'MessageSystemAttributeNames' },
  SendMessageBatchRequestEntry: { member: 'Entries' },
  Tag: { member: 'Tags', key: 'Key' },
  TagKey: { member: 'TagKeys' },
};

const ELEMENTS: FlatElements = {
  Attributes: { element: 'Attribute', key: 'Name' },
  Failed: { element: 'BatchResultErrorEntry' },
  MessageAttributes: { element: 'MessageAttribute', key: 'Name' },
  Messages: { element: 'Message' },
  queueUrls: { element: 'QueueUrl' },
  QueueUrls: { element: 'QueueUrl' },
  Tags: { element: 'Tag', key: 'Key' },
};

/** The codes that were others before the JSON protocol. */
const CODES: Readonly<Record<string, string>> = {
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  PurgeQueueInProgress: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnknownOperationException: 'InvalidAction',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

function codeOf(code: string): string {
  return Object.hasOwn(CODES, code) ? (CODES[code] as string) : code;
}

/** SQS in the JSON protocol, which it has had since 2023. */
export function sqsJsonApi(call: ApiCall): JsonApi {
  return { call, queryCode: codeOf };
}

export function sqsQueryApi(call: ApiCall): QueryApi {
  return {
    call,
    namespace: `http://queue.amazonaws.com/doc/${SQS_VERSION}/`,
    flat: (action) => ({
      names: NAMES,
      elements: { ...ELEMENTS, Successful: { element: `${action}ResultEntry` } },
    }),
    errorCode: codeOf,
  };
}
