/** What a function does to what when it calls a service of its context. */
import { bucketArn, keysOf, objectArn, type Place, tableArn, versionAccess } from '../../access/call-access.ts';
import type { Access } from '../../access/policy.ts';
import type { ListObjectsParams, ObjectRef, ObjectVersionRef } from '../../ports/objects.ts';
import type { RemoteCall, RemoteTarget } from './protocol.ts';
import type { RemoteServices } from './remote-methods.ts';

type Accesses = (params: never, place: Place) => readonly Access[];

interface Transfer {
  readonly from: ObjectVersionRef;
  readonly to: ObjectRef;
  readonly encryption?: string;
}

const NOTHING: Accesses = () => [];

function onObject(action: string): Accesses {
  return ({ bucket, key }: ObjectRef) => [{ action: `s3:${action}`, resource: objectArn(bucket, key) }];
}

/** The same of a version that is named. */
function onVersion(action: string): Accesses {
  return (ref: ObjectVersionRef) => [versionAccess(action, ref)];
}

function onList(action: string): Accesses {
  return ({
    bucket,
    prefix,
    delimiter,
    limit,
  }: Pick<ListObjectsParams, 'bucket' | 'prefix' | 'delimiter' | 'limit'>) => [
    {
      action: `s3:${action}`,
      resource: bucketArn(bucket),
      ...keysOf({ 's3:prefix': prefix, 's3:delimiter': delimiter, 's3:max-keys': limit?.toString() }),
    },
  ];
}

function onWrite({ bucket, key, encryption }: ObjectRef & { readonly encryption?: string }): readonly Access[] {
  const keys = keysOf({ 's3:x-amz-server-side-encryption': encryption });
  return [{ action: 's3:PutObject', resource: objectArn(bucket, key), ...keys }];
}

function onTable(action: string): Accesses {
  return (given: string | { readonly table: string }, place: Place) => [
    { action: `dynamodb:${action}`, resource: tableArn(typeof given === 'string' ? given : given.table, place) },
  ];
}

function transfer(...onSource: readonly string[]): Accesses {
  return ({ from, to, encryption }: Transfer, place) => [
    ...onSource.flatMap((action) => onVersion(action)(from as never, place)),
    ...onWrite({ ...to, ...(encryption !== undefined && { encryption }) }),
  ];
}

/** Every method that there is, so that none is forgotten. */
const ACCESS: { readonly [Target in RemoteTarget]: { readonly [Method in keyof RemoteServices[Target]]-?: Accesses } } =
  {
    objectIndex: {
      begin: onWrite,
      // What was begun was allowed.
      publish: NOTHING,
      abandon: NOTHING,
      find: onVersion('GetObject'),
      list: onList('ListBucket'),
      listVersions: onList('ListBucketVersions'),
      copy: transfer('GetObject'),
      move: transfer('GetObject', 'DeleteObject'),
      remove: onVersion('DeleteObject'),
      tag: onVersion('PutObjectTagging'),
    },
    tables: {
      create: onTable('CreateTable'),
      describe: onTable('DescribeTable'),
      put: onTable('PutItem'),
      putMany: onTable('BatchWriteItem'),
      putLines: onTable('BatchWriteItem'),
      get: onTable('GetItem'),
      getMany: onTable('BatchGetItem'),
      delete: onTable('DeleteItem'),
      query: onTable('Query'),
      scan: onTable('Scan'),
      count: onTable('Scan'),
    },
    mail: { send: () => [{ action: 'ses:SendEmail', resource: '*' }] },
    links: { sign: onObject('GetObject') },
  };

export function remoteAccess({ target, method, args }: RemoteCall, place: Place): readonly Access[] {
  const methods = ACCESS[target] as Readonly<Record<string, Accesses>>;
  return methods[method]?.(args[0] as never, place) ?? [];
}
