/** The key that this directory signs its links and task tokens with: made once, kept beside the data, readable by its owner only. */
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export function loadCredentials(directory: string): Credentials {
  const file = join(directory, 'credentials.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  const credentials = {
    accessKeyId: `FANFOLD${randomBytes(6).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  };
  writeFileSync(`${file}.tmp`, JSON.stringify(credentials), { mode: 0o600, flush: true });
  renameSync(`${file}.tmp`, file);
  return credentials;
}

/** What task tokens are made with: who has a link's signature learns nothing of it. */
export function tokenSecret({ secretAccessKey }: Credentials): string {
  return createHmac('sha256', secretAccessKey).update('task tokens').digest('base64url');
}
