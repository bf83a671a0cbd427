/** The key that this directory signs its links and task tokens with: made once, kept beside the data, readable by its owner only. */
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sessions, WorkerKeys } from '../access/sessions.ts';

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

/** The key of somebody who works for this directory: the same each time, and no two have the same. @param role `functions` */
export function issueKey({ secretAccessKey }: Credentials, role: string): Credentials {
  const derive = (what: string): Buffer => createHmac('sha256', secretAccessKey).update(`${what} of ${role}`).digest();
  return {
    accessKeyId: `FANFOLD${derive('access key').toString('hex').slice(0, 13).toUpperCase()}`,
    secretAccessKey: derive('secret key').toString('base64url').slice(0, 40),
  };
}

/** Keys for workers, whose tokens are sessions. @param endpoint the address of this server */
export function createWorkerKeys(credentials: Credentials, sessions: Sessions, endpoint: () => string): WorkerKeys {
  const secrets: WorkerKeys['secrets'] = (role) => [issueKey(credentials, role).secretAccessKey, sessions.mark(role)];
  return {
    secrets,
    open: (role, working) => {
      const session = sessions.open(role, working);
      const variables = keyEnvironment(issueKey(credentials, role), session.token);
      return { ...session, variables, endpoint: endpoint(), secrets: secrets(role) };
    },
  };
}

/** As the clients of AWS look for it. */
function keyEnvironment({ accessKeyId, secretAccessKey }: Credentials, token: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: token,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** What the tokens of sessions are made with. */
export function sessionSecret({ secretAccessKey }: Credentials): string {
  return createHmac('sha256', secretAccessKey).update('sessions').digest('base64url');
}

/** What task tokens are made with: who has a link's signature learns nothing of it. */
export function tokenSecret({ secretAccessKey }: Credentials): string {
  return createHmac('sha256', secretAccessKey).update('task tokens').digest('base64url');
}
