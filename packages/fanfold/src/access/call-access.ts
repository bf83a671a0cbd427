/** What a call of an API does to what, as policies name it: one table for the wire, for tasks and for what functions call. */
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import { parseCopySource } from './copy-source.ts';
import type { Access } from './policy.ts';

export interface Place {
  readonly region: string;
  readonly account: string;
}

type Resources = (input: JsonObject, place: Place, action: string) => readonly Access[];

/** @param service as in ARNs and actions: `dynamodb` @param action `PutItem` */
export function callAccess(service: string, action: string, input: JsonObject, place: Place): readonly Access[] {
  const resources = Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined;
  return resources ? resources(input, place, action) : [{ action: `${service}:${action}`, resource: '*' }];
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

/** What an action of S3 is called where it is asked for of a version: `GetObject` is `GetObjectVersion`. */
export function versionAction(action: string): string {
  return action.replace(/^(Get|Delete|Put)Object(?=$|Tagging$|Attributes$)/, '$1ObjectVersion');
}

export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

export function tableArn(table: string, { region, account }: Place): string {
  return table.startsWith('arn:') ? table : `arn:aws:dynamodb:${region}:${account}:table/${table}`;
}

export function functionArn(name: string, { region, account }: Place): string {
  if (name.startsWith('arn:')) return name;
  const [, bare = name] = /^(?:\d{12}:)?(?:function:)?([^:]+)/.exec(name) ?? [];
  return `arn:aws:lambda:${region}:${account}:function:${bare}`;
}

function queueArn(queue: string, { region, account }: Place): string {
  return `arn:aws:sqs:${region}:${account}:${queue.slice(queue.lastIndexOf('/') + 1)}`;
}

function textOf(input: JsonObject, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = input[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** What a batch of SQS or SNS does is what each of its entries does. */
function single(action: string): string {
  return action.replace(/Batch$/, '');
}

const SERVICES: Readonly<Record<string, Resources>> = {
  dynamodb: (input, place, action) => {
    const tables = isObject(input['RequestItems']) ? Object.keys(input['RequestItems']) : [textOf(input, 'TableName')];
    return tables.map((table) => ({
      action: `dynamodb:${action}`,
      resource: table === undefined ? '*' : tableArn(table, place),
    }));
  },
  sqs: (input, place, action) => {
    const queue = textOf(input, 'QueueUrl', 'QueueName');
    return [{ action: `sqs:${single(action)}`, resource: queue === undefined ? '*' : queueArn(queue, place) }];
  },
  sns: (input, { region, account }, action) => {
    const name = textOf(input, 'Name');
    const arn = textOf(input, 'TopicArn', 'TargetArn', 'SubscriptionArn', 'ResourceArn');
    const named = name === undefined ? '*' : `arn:aws:sns:${region}:${account}:${name}`;
    return [{ action: `sns:${single(action)}`, resource: arn ?? named }];
  },
  states: (input, { region, account }, action) => {
    const name = textOf(input, 'name');
    const of = /^Create(StateMachine|Activity)$/.exec(action)?.[1];
    const made =
      of && name && `arn:aws:states:${region}:${account}:${of === 'Activity' ? 'activity' : 'stateMachine'}:${name}`;
    const arn = textOf(input, ...STATES_ARNS) ?? made ?? '*';
    return [{ action: `states:${action}`, resource: arn }];
  },
  lambda: (input, place, action) => {
    const name = textOf(input, 'FunctionName');
    return [
      {
        action: action === 'Invoke' ? 'lambda:InvokeFunction' : `lambda:${action}`,
        resource: name === undefined ? '*' : functionArn(name, place),
      },
    ];
  },
  s3: (input, _, action) => {
    const bucket = textOf(input, 'Bucket');
    if (action === 'DeleteObjects' && bucket !== undefined) return deletions(bucket, input['Delete']);
    const key = textOf(input, 'Key');
    const named = S3_ACTIONS[action] ?? action;
    const own = {
      action: `s3:${textOf(input, 'VersionId') === undefined ? named : versionAction(named)}`,
      resource: bucket === undefined ? '*' : key === undefined ? bucketArn(bucket) : objectArn(bucket, key),
      ...keysOf({
        's3:versionid': textOf(input, 'VersionId'),
        's3:prefix': plainOf(input['Prefix']),
        's3:delimiter': plainOf(input['Delimiter']),
        's3:max-keys': plainOf(input['MaxKeys']),
        's3:x-amz-server-side-encryption': textOf(input, 'ServerSideEncryption'),
      }),
    };
    const source = action === 'CopyObject' ? textOf(input, 'CopySource') : undefined;
    if (source === undefined) return [own];
    return [own, copySourceAccess(source)];
  },
  batch: (input, { region, account }, action) =>
    (['JobDefinition', 'JobQueue'] as const).flatMap((field) => {
      const name = textOf(input, field);
      if (name === undefined) return [];
      const kind = field === 'JobQueue' ? 'job-queue' : 'job-definition';
      const resource = name.startsWith('arn:') ? name : `arn:aws:batch:${region}:${account}:${kind}/${name}`;
      return [{ action: `batch:${action}`, resource }];
    }),
  eks: (input, { region, account }, action) => [
    {
      action: `eks:${action}`,
      resource: `arn:aws:eks:${region}:${account}:cluster/${textOf(input, 'ClusterName') ?? '*'}`,
    },
  ],
  apigateway: (input) => [{ action: 'execute-api:Invoke', resource: routeArn(input) }],
  http: () => [{ action: 'states:InvokeHTTPEndpoint', resource: '*' }],
};

/** What DeleteObjects removes: what it names, or, while that is not known, anything. */
function deletions(bucket: string, asked: Json | undefined): readonly Access[] {
  const named = isObject(asked) && isArray(asked['Objects'] ?? null) ? (asked['Objects'] as readonly Json[]) : [];
  if (named.length === 0) return [deleteAccess({ bucket, key: '*' })];
  return named.map((each) => {
    const input = isObject(each) ? each : {};
    const versionId = textOf(input, 'VersionId');
    return deleteAccess({ bucket, key: textOf(input, 'Key') ?? '*', ...(versionId !== undefined && { versionId }) });
  });
}

export function deleteAccess(ref: VersionRef): Access {
  return versionAccess('DeleteObject', ref);
}

/** What a copy does to what it copies; any object where that cannot be told. @param source as {@link parseCopySource} takes it */
export function copySourceAccess(source: string): Access {
  const from = parseCopySource(source);
  if (!from) return { action: 's3:GetObject', resource: objectArn('*', '*') };
  return versionAccess('GetObject', from);
}

/** An action on an object, or on the version that is named. @param action without `s3:` */
export function versionAccess(action: string, ref: VersionRef): Access {
  const { bucket, key, versionId } = ref;
  return {
    action: `s3:${versionId === undefined ? action : versionAction(action)}`,
    resource: objectArn(bucket, key),
    ...keysOf({ 's3:versionid': versionId }),
  };
}

interface VersionRef {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/** What conditions may ask for; what is not known is left out. */
export function keysOf(values: Readonly<Record<string, string | undefined>>): Pick<Access, 'keys'> {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return given.length === 0 ? {} : { keys: Object.fromEntries(given) };
}

function plainOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

const STATES_ARNS = [
  'stateMachineArn',
  'StateMachineArn',
  'ExecutionArn',
  'executionArn',
  'activityArn',
  'mapRunArn',
  'stateMachineVersionArn',
  'stateMachineAliasArn',
  'resourceArn',
];

/** Those whose permission has another name than they have. */
const S3_ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 'GetObject',
  CopyObject: 'PutObject',
  UploadPart: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  HeadBucket: 'ListBucket',
  ListBuckets: 'ListAllMyBuckets',
};

function routeArn(input: JsonObject): string {
  const [api = '*'] = (textOf(input, 'ApiEndpoint') ?? '*').replace(/^https?:\/\//, '').split('.');
  const parts: Json[] = [api, input['Stage'] ?? '*', input['Method'] ?? '*', input['Path'] ?? ''];
  return `arn:aws:execute-api:::${parts.map((part) => String(part).replace(/^\//, '')).join('/')}`;
}
