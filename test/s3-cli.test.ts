/** The AWS CLI and boto3 move files to and from `fanfold serve`. What is not on this machine is left out. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_ENVIRONMENT, AWS_PROGRAM, type AwsCli, hasAwsCli, openAwsCli } from './aws.ts';
import { type Serve, startServe } from './serve.ts';

const hasBoto3 = spawnSync('python3', ['-c', 'import boto3']).status === 0;
if (!hasAwsCli) process.stderr.write('The AWS CLI in s3-cli.test.ts is left out: no python3 here has it.\n');
if (!hasBoto3) process.stderr.write('boto3 in s3-cli.test.ts is left out: python3 cannot import it.\n');

const run = promisify(execFile);
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let serve: Serve;
let folder: string;
beforeAll(async () => {
  serve = await startServe();
  folder = mkdtempSync(join(tmpdir(), 'fanfold-s3-cli-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await serve.stop();
});

describe.skipIf(!hasAwsCli)('the AWS CLI', () => {
  let cli: AwsCli;
  beforeAll(() => {
    cli = openAwsCli(serve.url);
  });
  afterAll(() => cli?.close());
  const aws = (...args: readonly string[]): Promise<string> => cli.run(...args);

  it('copies, lists, synchronises and removes', async () => {
    const big = randomBytes(20 * 1024 * 1024);
    mkdirSync(join(folder, 'out/sub'), { recursive: true });
    writeFileSync(join(folder, 'out/a b+ü.csv'), 'a,b\n');
    writeFileSync(join(folder, 'out/sub/big.bin'), big);
    await aws('s3', 'mb', 's3://cli-bucket');
    await aws('s3', 'cp', join(folder, 'out/sub/big.bin'), 's3://cli-bucket/one/big.bin');
    expect(await aws('s3', 'ls')).toMatch(/cli-bucket\n/);
    expect(await aws('s3', 'ls', 's3://cli-bucket/')).toMatch(/PRE one\/\n$/);
    expect(await aws('s3', 'ls', 's3://cli-bucket/one/')).toMatch(/ 20971520 big.bin\n$/);
    const head = JSON.parse(
      await aws('s3api', 'head-object', '--bucket', 'cli-bucket', '--key', 'one/big.bin', '--output', 'json'),
    ) as { ETag: string };
    expect(head.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);

    expect(await aws('s3', 'sync', join(folder, 'out'), 's3://cli-bucket/tree')).toMatch(/upload: /);
    expect(await aws('s3', 'sync', join(folder, 'out'), 's3://cli-bucket/tree')).toBe('');
    await aws('s3', 'sync', 's3://cli-bucket/tree', join(folder, 'back'));
    expect(readFileSync(join(folder, 'back/a b+ü.csv'), 'utf8')).toBe('a,b\n');
    expect(sha(readFileSync(join(folder, 'back/sub/big.bin')))).toBe(sha(big));

    await aws('s3', 'mv', 's3://cli-bucket/tree/sub/big.bin', 's3://cli-bucket/moved.bin');
    await aws('s3', 'cp', 's3://cli-bucket/moved.bin', join(folder, 'moved.bin'));
    expect(sha(readFileSync(join(folder, 'moved.bin')))).toBe(sha(big));
    await aws('s3', 'rm', 's3://cli-bucket', '--recursive');
    await aws('s3', 'rb', 's3://cli-bucket');
    await expect(aws('s3', 'ls', 's3://cli-bucket')).rejects.toThrow('(NoSuchBucket)');
  });

  it('reads from a pipe, and shows refusals by their names', async () => {
    await aws('s3', 'mb', 's3://pipe-bucket');
    const command = `printf 'from a pipe' | ${AWS_PROGRAM} --endpoint-url ${serve.url} s3 cp - s3://pipe-bucket/piped`;
    await run('sh', ['-c', command], { env: AWS_ENVIRONMENT });
    expect(await aws('s3', 'cp', 's3://pipe-bucket/piped', '-')).toBe('from a pipe');
    await expect(
      aws(
        's3api',
        'put-bucket-request-payment',
        '--bucket',
        'pipe-bucket',
        '--request-payment-configuration',
        'Payer=Requester',
      ),
    ).rejects.toThrow('(NotImplemented)');
    await expect(aws('s3api', 'get-object', '--bucket', 'pipe-bucket', '--key', 'none', '/dev/null')).rejects.toThrow(
      '(NoSuchKey)',
    );
  });

  it('signs links with the server’s own key', async () => {
    const { accessKeyId, secretAccessKey } = JSON.parse(
      readFileSync(join(String(serve.ready['dataDirectory']), 'credentials.json'), 'utf8'),
    ) as Record<string, string>;
    await aws('s3', 'mb', 's3://signed-bucket');
    writeFileSync(join(folder, 'signed'), 'signed');
    await aws('s3', 'cp', join(folder, 'signed'), 's3://signed-bucket/a b');
    const env = { ...AWS_ENVIRONMENT, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const config = join(folder, 'config');
    writeFileSync(config, '[default]\ns3 =\n  signature_version = s3v4\n  addressing_style = path\n');
    const own = openAwsCli(serve.url, { ...env, AWS_CONFIG_FILE: config });
    const link = await own.run('s3', 'presign', 's3://signed-bucket/a b', '--expires-in', '60');
    await own.close();
    expect(await (await fetch(link.trim())).text()).toBe('signed');
  });
});

const SCRIPT = `
import boto3, hashlib, io, json, os, sys, urllib.request
from botocore.config import Config
from botocore.exceptions import ClientError

s3 = boto3.client('s3', endpoint_url=sys.argv[1], config=Config(s3={'addressing_style': 'path'}))
s3.create_bucket(Bucket='boto-bucket')
s3.put_object(Bucket='boto-bucket', Key='small/a b+\\u00fc.csv', Body=b'a,b\\n', Metadata={'who': 'me'}, ContentType='text/csv')
got = s3.get_object(Bucket='boto-bucket', Key='small/a b+\\u00fc.csv')
assert got['Body'].read() == b'a,b\\n' and got['Metadata'] == {'who': 'me'} and got['ContentType'] == 'text/csv'
big = os.urandom(17 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(big), 'boto-bucket', 'big')
s3.put_object(Bucket='boto-bucket', Key='stream', Body=open(sys.argv[2], 'rb'), ChecksumAlgorithm='SHA256')
back = io.BytesIO()
s3.download_fileobj('boto-bucket', 'big', back)
assert hashlib.md5(back.getvalue()).digest() == hashlib.md5(big).digest()
assert s3.get_object(Bucket='boto-bucket', Key='big', Range='bytes=5-9')['Body'].read() == big[5:10]
s3.copy({'Bucket': 'boto-bucket', 'Key': 'big'}, 'boto-bucket', 'copy')
keys = [o['Key'] for page in s3.get_paginator('list_objects_v2').paginate(Bucket='boto-bucket', PaginationConfig={'PageSize': 2}) for o in page['Contents']]
try:
    s3.get_object(Bucket='boto-bucket', Key='none')
except ClientError as error:
    code = error.response['Error']['Code']
# A parameter in newer versions only; the header goes with any of them.
unless_there = lambda params, **_: params['headers'].update({'If-None-Match': '*'})
s3.meta.events.register('before-call.s3.PutObject', unless_there)
try:
    s3.put_object(Bucket='boto-bucket', Key='big', Body=b'')
    code += ' nothing'
except ClientError as error:
    code += ' ' + error.response['Error']['Code']
deleted = s3.delete_objects(Bucket='boto-bucket', Delete={'Objects': [{'Key': key} for key in keys]})
print(json.dumps({'keys': keys, 'code': code, 'deleted': len(deleted['Deleted'])}))
`;

describe.skipIf(!hasBoto3)('boto3', () => {
  it('puts, uploads in parts, reads, copies, lists and deletes', async () => {
    const file = join(folder, 'stream');
    writeFileSync(file, 'streamed');
    const { stdout } = await run('python3', ['-c', SCRIPT, serve.url, file], { env: AWS_ENVIRONMENT });
    expect(JSON.parse(stdout)).toEqual({
      keys: ['big', 'copy', 'small/a b+ü.csv', 'stream'],
      code: 'NoSuchKey PreconditionFailed',
      deleted: 4,
    });
  });
});
