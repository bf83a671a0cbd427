/** Which contents are encrypted, and with what. */
import type { ObjectRef } from '../../ports/objects.ts';
import { contentKey, keyId } from './content-cipher.ts';
import { noKey, otherKey } from './object-error.ts';

export interface EncryptionSettings {
  /** 32 bytes; kept in memory alone. */
  readonly key: Uint8Array;
  /** Whose objects are encrypted without being asked for. */
  readonly buckets: readonly string[];
}

export interface Encryption {
  /**
   * The id of the key for a new object, or null when it is stored as it is.
   * @throws ServiceError InvalidRequest when it is asked for and there is no key
   */
  choose(bucket: string, asked: 'AES256' | undefined): string | null;
  /**
   * The key of a content; undefined for one that is not encrypted.
   * @throws ServiceError KMS.NotFoundException when it is another key's
   */
  keyOf(stored: ObjectRef & { readonly content: string; readonly encryption: string | null }): Uint8Array | undefined;
}

export function createEncryption(settings: EncryptionSettings | undefined): Encryption {
  const id = settings && keyId(settings.key);
  return {
    choose: (bucket, asked) => {
      if (asked && id === undefined) throw noKey();
      return asked || settings?.buckets.includes(bucket) ? (id ?? null) : null;
    },
    keyOf: ({ content, encryption, ...ref }) => {
      if (encryption === null) return undefined;
      if (!settings || encryption !== id) throw otherKey(ref, encryption, id);
      return contentKey(settings.key, content);
    },
  };
}
