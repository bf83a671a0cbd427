/** AWS's own S3 client at a server and a bucket of its own. */
import { CreateBucketCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { type Serve, startServe } from './serve.ts';

export const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };

export interface ServedBucket {
  readonly serve: Serve;
  readonly s3: S3Client;
  stop(): Promise<void>;
}

/** Starts `fanfold serve` and makes the bucket. */
export async function serveBucket(Bucket: string): Promise<ServedBucket> {
  const serve = await startServe();
  const s3 = new S3Client({ endpoint: serve.url, region: 'us-east-1', credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
  return {
    serve,
    s3,
    stop: async () => {
      s3.destroy();
      await serve.stop();
    },
  };
}

/** What S3 says when it refuses. @throws Error where it does not */
export async function refused(work: Promise<unknown>): Promise<S3ServiceException> {
  const error: unknown = await work.then(
    () => new Error('It was not refused.'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof S3ServiceException)) throw error;
  return error;
}
