/** Which buckets there are. */
export interface Buckets {
  /** Making one that is there changes nothing. @throws ServiceError InvalidBucketName */
  create(bucket: string): Promise<void>;
  has(bucket: string): Promise<boolean>;
}
