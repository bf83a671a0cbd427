import { describe, expect, it } from 'vitest';
import type { ServiceError } from '../ports/service-error.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { type AccessControl, createAccessControl } from './access-control.ts';
import { isPublic } from './bucket-policy.ts';
import type { ConditionKeys } from './conditions.ts';
import type { Role } from './policy.ts';
import { type BucketStatement, readBucketPolicy } from './read-bucket-policy.ts';
import { readPolicy, type StatementSettings } from './read-policy.ts';

const ACCOUNT = '000000000000';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/function:load`;
const OBJECTS = 'arn:aws:s3:::data/*';

const documentOf = (...Statement: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const statement = (more: object): object => ({
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: OBJECTS,
  ...more,
});
const read = (document: string, isRole?: (name: string) => boolean) =>
  readBucketPolicy(document, { bucket: 'data', ...(isRole && { isRole }) });

/** What is refused, in the words of the refusal; `allowed` otherwise. */
function outcome(
  { policy, role = [], asks = 'function:load' }: { policy: string; role?: readonly StatementSettings[]; asks?: string },
  action: string,
  {
    key = 'a',
    keys,
    request,
  }: { readonly key?: string; readonly keys?: ConditionKeys; readonly request?: ConditionKeys } = {},
): string {
  const access: AccessControl = createAccessControl({
    logger: recordingLogger(),
    account: ACCOUNT,
    bucketPolicy: (bucket) => (bucket === 'data' ? read(policy) : undefined),
  });
  const asker: Role | undefined = asks === 'owner' ? undefined : { name: asks, policy: readPolicy(role) };
  const resource = key === '' ? 'arn:aws:s3:::data' : `arn:aws:s3:::data/${key}`;
  try {
    access.check(asker, [{ action: `s3:${action}`, resource, ...(keys && { keys }) }], request);
    return 'allowed';
  } catch (error) {
    return /because (.*)$/.exec((error as ServiceError).message)?.[1] ?? 'no reason';
  }
}

describe('the policy of a bucket', () => {
  const load = { Principal: { AWS: ROLE } };
  const mine: readonly StatementSettings[] = [{ Action: 's3:*', Resource: 'arn:aws:s3:::data*' }];
  const DENIED = 'the policy of the bucket data denies it';
  const NEITHER = 'neither its policy nor the bucket’s allows it';

  it.each<[string, object, readonly StatementSettings[], string]>([
    ['allows what the role’s own does not', load, [], 'allowed'],
    ['allows anybody', {}, [], 'allowed'],
    ['leaves to the role what it allows its account', { Principal: { AWS: ACCOUNT } }, [], NEITHER],
    ['leaves to the role what it does not speak of', { Action: 's3:PutObject' }, mine, 'allowed'],
    ['does not allow what neither does', { Action: 's3:PutObject' }, [], NEITHER],
    ['does not speak of another role', { Principal: { AWS: ROLE.replace('load', 'other') } }, [], NEITHER],
    ['does not speak of a service', { Principal: { Service: 'sns.amazonaws.com' } }, [], NEITHER],
    ['names one of several', { Principal: { AWS: ['111111111111', ROLE], Service: 'x.amazonaws.com' } }, [], 'allowed'],
    ['denies what the role’s own allows', { ...load, Effect: 'Deny' }, mine, DENIED],
    ['denies all of its account', { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Effect: 'Deny' }, mine, DENIED],
    ['denies nothing of another account', { Principal: { AWS: '111111111111' }, Effect: 'Deny' }, mine, 'allowed'],
    ['names its statement', { Sid: 'NoReads', Effect: 'Deny' }, mine, `${DENIED} (statement NoReads)`],
    ['cannot allow what the role’s own denies', load, [{ Effect: 'Deny', Action: '*' }], 'its policy denies it'],
    ['is of its resources', { ...load, Resource: 'arn:aws:s3:::data/b*' }, [], NEITHER],
    ['is of any account’s ARNs', { Principal: { AWS: ROLE.replace(ACCOUNT, '123456789012') } }, [], 'allowed'],
    ['takes all but what it names', { ...load, Action: undefined, NotAction: 's3:Put*' }, [], 'allowed'],
    ['takes none of what it names', { ...load, Resource: undefined, NotResource: 'arn:aws:s3:::data/a' }, [], NEITHER],
  ])('%s', (_, more, role, expected) => {
    expect(outcome({ policy: documentOf(statement(more)), role }, 'GetObject')).toBe(expected);
  });

  it('denies before it allows, in whatever order', () => {
    const deny = statement({ Effect: 'Deny', Resource: 'arn:aws:s3:::data/secret/*' });
    for (const policy of [documentOf(statement({}), deny), documentOf(deny, statement({}))]) {
      expect(outcome({ policy }, 'GetObject', { key: 'secret/a' })).toBe(DENIED);
      expect(outcome({ policy }, 'GetObject', { key: 'a' })).toBe('allowed');
    }
  });

  it('holds for the owner where it denies, who can mend it all the same', () => {
    const policy = documentOf(statement({ Effect: 'Deny', Action: 's3:*', Resource: ['arn:aws:s3:::data', OBJECTS] }));
    const asks = { policy, asks: 'owner' };
    expect(outcome(asks, 'GetObject')).toBe(DENIED);
    for (const action of ['PutBucketPolicy', 'GetBucketPolicy', 'DeleteBucketPolicy']) {
      expect(outcome(asks, action, { key: '' })).toBe('allowed');
      expect(outcome({ policy, role: mine }, action, { key: '' })).toBe(DENIED);
    }
    expect(outcome({ policy: documentOf(statement({})), asks: 'owner' }, 'PutObject')).toBe('allowed');
  });

  it('goes by what the request is', () => {
    const tls = { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': false } } };
    const policy = documentOf(statement(tls));
    expect(outcome({ policy, role: mine }, 'GetObject')).toBe('allowed');
    const request = { 'aws:securetransport': 'false', 'aws:sourceip': '::ffff:127.0.0.1' };
    expect(outcome({ policy, role: mine }, 'GetObject', { request })).toBe(DENIED);
    const here = documentOf(statement({ Condition: { IpAddress: { 'AWS:SourceIp': '127.0.0.0/8' } } }));
    expect(outcome({ policy: here }, 'GetObject', { request })).toBe('allowed');
    expect(outcome({ policy: here }, 'GetObject')).toBe(NEITHER);
  });

  it('goes by the prefix of a list, and by who asks', () => {
    const list = { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::data' };
    const policy = documentOf(
      statement({
        ...list,
        Condition: { StringLike: { 's3:prefix': ['home/*', ''] }, ArnLike: { 'aws:PrincipalArn': ROLE } },
      }),
    );
    const prefixed = (prefix: string, asks = 'function:load'): string =>
      outcome({ policy, asks }, 'ListBucket', { key: '', keys: { 's3:prefix': prefix } });
    expect([prefixed('home/me/'), prefixed('')]).toEqual(['allowed', 'allowed']);
    expect([prefixed('other/'), prefixed('home/me/', 'function:other')]).toEqual([NEITHER, NEITHER]);
    expect(outcome({ policy }, 'ListBucket', { key: '' })).toBe(NEITHER);
  });

  it('is told in the log when it refuses', () => {
    const logger = recordingLogger();
    const policy = read(documentOf(statement({ Effect: 'Deny' })));
    const access = createAccessControl({ logger, account: ACCOUNT, bucketPolicy: () => policy });
    expect(() => access.check(undefined, [{ action: 's3:GetObject', resource: 'arn:aws:s3:::data/k' }])).toThrow(
      `User: arn:aws:iam::${ACCOUNT}:root is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::data/k`,
    );
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { role: 'the owner', action: 's3:GetObject' } }]);
  });

  it.each<[BucketStatement, boolean]>([
    [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: OBJECTS }, true],
    [{ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: OBJECTS }, false],
    [{ Effect: 'Allow', Principal: { AWS: ROLE }, Action: 's3:GetObject', Resource: OBJECTS }, false],
  ])('%j is public: %s', (one, expected) => {
    expect(isPublic(read(documentOf(one)))).toBe(expected);
  });

  it.each([
    [{ StringEquals: { 'aws:SourceAccount': ACCOUNT } }, false],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } }, false],
    [{ StringNotEquals: { 'aws:SourceAccount': ACCOUNT } }, true],
    [{ StringLike: { 'aws:PrincipalArn': '*' } }, true],
    [{ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }, true],
    [{ StringEquals: { 's3:prefix': 'a' } }, true],
  ])('to anyone on the condition %j is public: %s', (Condition, expected) => {
    expect(isPublic(read(documentOf(statement({ Condition }))))).toBe(expected);
  });
});

describe('a document that is no policy of this bucket is refused', () => {
  const all = (more: object): string => documentOf(statement(more));
  it.each<[string, string, string]>([
    ['', 'MalformedPolicy', 'valid JSON'],
    ['[]', 'MalformedPolicy', 'valid JSON'],
    ['{}', 'MalformedPolicy', 'Statement[0] is no statement'],
    ['{"Statement":[]}', 'MalformedPolicy', 'no Statement'],
    ['{"Version":"2020-01-01","Statement":[]}', 'MalformedPolicy', 'Version is 2012-10-17'],
    ['{"Statement":[],"Statements":[]}', 'MalformedPolicy', 'Unknown field Statements'],
    [`{"Id":"${'x'.repeat(20 * 1024)}"}`, 'MalformedPolicy', 'more than 20480 bytes'],
    [all({ Effect: 'allow' }), 'MalformedPolicy', 'Statement[0].Effect is Allow or Deny'],
    [all({ Principals: '*' }), 'MalformedPolicy', 'Unknown field Principals in Statement[0]'],
    [all({ NotPrincipal: { AWS: '*' } }), 'NotImplemented', 'NotPrincipal'],
    [all({ Principal: undefined }), 'MalformedPolicy', 'Invalid principal'],
    [all({ Principal: {} }), 'MalformedPolicy', 'Invalid principal'],
    [all({ Principal: { AWS: 'somebody' } }), 'MalformedPolicy', 'not somebody'],
    [all({ Principal: { AWS: 'arn:aws:iam::000000000000:user/me' } }), 'MalformedPolicy', 'Invalid principal'],
    [all({ Principal: { AWS: `${ROLE}*` } }), 'MalformedPolicy', 'Invalid principal'],
    [all({ Principal: { AWS: ROLE.replace('load', 'none') } }), 'MalformedPolicy', 'no role function:none'],
    [all({ Principal: { Service: 'sns' } }), 'MalformedPolicy', 'not sns'],
    [all({ Principal: { Federated: 'x' } }), 'NotImplemented', 'the kind Federated'],
    [all({ Action: 'sqs:SendMessage' }), 'MalformedPolicy', 'invalid action'],
    [all({ Action: [] }), 'MalformedPolicy', 'must not be empty'],
    [all({ Action: undefined }), 'MalformedPolicy', 'needs Action or NotAction'],
    [all({ NotAction: 's3:*' }), 'MalformedPolicy', 'needs Action or NotAction'],
    [all({ Resource: 'arn:aws:s3:::other/*' }), 'MalformedPolicy', 'invalid resource'],
    [all({ Resource: 'arn:aws:s3:::data*' }), 'MalformedPolicy', 'invalid resource'],
    [all({ Resource: '*' }), 'MalformedPolicy', 'invalid resource'],
    [all({ Resource: 'arn:aws:s3:::data/${aws:username}/*' }), 'NotImplemented', 'policy variables'],
    [all({ Condition: { DateLessThan: { 'aws:CurrentTime': '2030' } } }), 'NotImplemented', 'operator DateLessThan'],
    [all({ Condition: { 'ForAnyValue:StringEquals': {} } }), 'NotImplemented', 'ForAnyValue:StringEquals'],
    [all({ Condition: { NullIfExists: { 's3:prefix': true } } }), 'NotImplemented', 'operator NullIfExists'],
    [all({ Condition: { toString: {} } }), 'NotImplemented', 'operator toString'],
    [all({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o' } } }), 'NotImplemented', 'key aws:PrincipalOrgID'],
    [all({ Condition: { Bool: { 'aws:SecureTransport': 'no' } } }), 'MalformedPolicy', 'must be true or false, not no'],
    [all({ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/99' } } }), 'MalformedPolicy', 'must be an address'],
    [all({ Condition: { NumericEquals: { 's3:max-keys': 'ten' } } }), 'MalformedPolicy', 'must be a number'],
    [all({ Condition: { StringEquals: { 's3:prefix': {} } } }), 'MalformedPolicy', 'a text or a list of texts'],
    [all({ Condition: [] }), 'MalformedPolicy', 'must be an object of operators'],
  ])('%s', (document, code, message) => {
    expect(() => read(document, (name) => name === 'function:load')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
