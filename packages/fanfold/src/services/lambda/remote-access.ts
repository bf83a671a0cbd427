/** What a function does to what when it calls a service of its context. */
import { bucketArn, objectArn, type Place, tableArn, versionAction } from '../../access/call-access.ts';
import type { Access } from '../../access/policy.ts';
import type { ObjectRef, ObjectVersionRef } from '../../ports/objects.ts';
import type { RemoteCall, RemoteTarget } from './protocol.ts';
import type { RemoteServices } from './remote-methods.ts';

type Accesses = (params: never, place: Place) => readonly Access[];

interface Transfer {
  readonly from: ObjectVersionRef;
  readonly to: ObjectRef;
}

const NOTHING: Accesses = () => [];

function onObject(action: string): Accesses {
  return ({ bucket, key }: ObjectRef) => [{ action: `s3:${action}`, resource: objectArn(bucket, key) }];
}

/** The same of a version that is named. */
function onVersion(action: string): Accesses {
  return ({ bucket, key, versionId }: ObjectVersionRef) => [
    { action: `s3:${versionId === undefined ? action : versionAction(action)}`, resource: objectArn(bucket, key) },
  ];
}

function onBucket(action: string): Accesses {
  return ({ bucket }: { readonly bucket: string }) => [{ action: `s3:${action}`, resource: bucketArn(bucket) }];
}

function onTable(action: string): Accesses {
  return (given: string | { readonly table: string }, place: Place) => [
    { action: `dynamodb:${action}`, resource: tableArn(typeof given === 'string' ? given : given.table, place) },
  ];
}

function transfer(...onSource: readonly string[]): Accesses {
  return ({ from, to }: Transfer, place) => [
    ...onSource.flatMap((action) => onVersion(action)(from as never, place)),
    { action: 's3:PutObject', resource: objectArn(to.bucket, to.key) },
  ];
}

/** Every method that there is, so that none is forgotten. */
const ACCESS: { readonly [Target in RemoteTarget]: { readonly [Method in keyof RemoteServices[Target]]-?: Accesses } } =
  {
    objectIndex: {
      begin: onObject('PutObject'),
      publish: onObject('PutObject'),
      abandon: NOTHING,
      find: onVersion('GetObject'),
      list: onBucket('ListBucket'),
      listVersions: onBucket('ListBucketVersions'),
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
