/** What a project says of encryption at rest. Its key comes from the environment and is never stored. */
import type { EncryptionSettings } from '../services/s3/encryption.ts';
import type { ProjectDefinition } from './define-project.ts';
import { ProjectError } from './project-error.ts';

const KEY_BYTES = 32;

/** @throws ProjectError when the key is missing or is none, or a bucket wants one that is not named */
export function encryptionSettings(
  { encryption, buckets = {} }: ProjectDefinition,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly encryption?: EncryptionSettings } {
  const encrypted = Object.keys(buckets).filter((name) => buckets[name]?.encryption !== undefined);
  if (!encryption) {
    if (encrypted.length === 0) return {};
    throw new ProjectError(
      `The bucket ${encrypted[0]} is to be encrypted, and there is no key: name the environment variable that holds it, ` +
        "encryption: { key: 'FANFOLD_OBJECTS_KEY' }.",
    );
  }
  const text = environment[encryption.key]?.trim() ?? '';
  const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
  if (key.length !== KEY_BYTES)
    throw new ProjectError(
      `The environment variable ${encryption.key} must hold a key of ${KEY_BYTES} bytes, in base64 or hex; ` +
        (text === '' ? 'it is not set.' : `it holds ${key.length}.`),
    );
  return { encryption: { key, buckets: encrypted } };
}
