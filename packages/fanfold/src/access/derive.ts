/** Policies that follow from settings: whoever is given the name of a thing may use that thing, and nothing else. */
import { bucketArn, objectArn, type Place, tableArn } from './call-access.ts';
import type { Policy, Statement } from './policy.ts';

/** The things of a project, by their names. */
export interface NamedThings {
  readonly buckets: readonly string[];
  readonly tables: readonly string[];
  readonly queues: readonly string[];
  readonly topics: readonly string[];
  readonly stateMachines: readonly string[];
  readonly functions: readonly string[];
}

/**
 * @param texts what it is given: values of environment variables, parameters. One that is a name, an ARN or an address that ends
 *   with a name stands for the thing
 */
export function policyOfNames(texts: readonly string[], things: NamedThings, place: Place): Policy {
  const given = new Set(
    texts.flatMap((text) => [text, text.slice(text.lastIndexOf('/') + 1), text.slice(text.lastIndexOf(':') + 1)]),
  );
  const arn = (service: string, rest: string): string => `arn:aws:${service}:${place.region}:${place.account}:${rest}`;
  const rules: readonly (readonly [readonly string[], readonly string[], (name: string) => readonly string[]])[] = [
    [things.buckets, OBJECTS, (name) => [bucketArn(name), objectArn(name, '*')]],
    [things.tables, ITEMS, (name) => [tableArn(name, place)]],
    [things.queues, MESSAGES, (name) => [arn('sqs', name)]],
    [things.topics, ['sns:Publish'], (name) => [arn('sns', name)]],
    [
      things.stateMachines,
      EXECUTIONS,
      (name) => [arn('states', `stateMachine:${name}`), arn('states', `execution:${name}:*`)],
    ],
    [things.functions, ['lambda:InvokeFunction'], (name) => [arn('lambda', `function:${name}`)]],
  ];
  return rules.flatMap(([names, actions, resources]): Statement[] => {
    const named = names.filter((name) => given.has(name));
    return named.length === 0 ? [] : [{ effect: 'Allow', actions, resources: named.flatMap(resources) }];
  });
}

/** Versions are read and listed; that one is removed for good must be written. */
const OBJECTS = [
  'GetObject',
  'GetObjectVersion',
  'GetObjectAttributes',
  'GetObjectVersionAttributes',
  'PutObject',
  'DeleteObject',
  'ListBucket',
  'ListBucketVersions',
  'AbortMultipartUpload',
].map((action) => `s3:${action}`);
const ITEMS = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
  'DescribeTable',
].map((action) => `dynamodb:${action}`);
const MESSAGES = [
  'SendMessage',
  'ReceiveMessage',
  'DeleteMessage',
  'ChangeMessageVisibility',
  'GetQueueUrl',
  'GetQueueAttributes',
].map((action) => `sqs:${action}`);
const EXECUTIONS = ['StartExecution', 'DescribeExecution', 'StopExecution'].map((action) => `states:${action}`);
