/** What a notification of the bucket says. */

export interface ObjectNotification {
  readonly Records: readonly {
    readonly s3: {
      readonly bucket: { readonly name: string };
      /** The key is URL-encoded, a space as a plus. */
      readonly object: { readonly key: string; readonly sequencer: string };
    };
  }[];
}

export interface Arrived {
  readonly bucket: string;
  readonly key: string;
  readonly sequencer: string;
}

/** All objects of the event. @throws WrongBucket for one of another bucket */
export function arrivedIn(bucket: string, { Records }: ObjectNotification): Arrived[] {
  return Records.map(({ s3 }) => {
    if (s3.bucket.name !== bucket)
      throw new WrongBucket(`The event is of ${s3.bucket.name}; only ${bucket} is served.`);
    const key = decodeURIComponent(s3.object.key.replaceAll('+', ' '));
    return { bucket, key, sequencer: s3.object.sequencer };
  });
}

class WrongBucket extends Error {
  override readonly name = 'WrongBucket';
}
