/**
 * Sessions: for which invocation, or attempt of a job, a request is made. A worker's clients send the token of its session with
 * each request that they sign (AWS_SESSION_TOKEN). Tokens are looked up, in memory: no worker outlives its engine, and one whose
 * work is over is expired. A token alone allows nothing: what a role may do hangs on its key.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What of a worker is under way. */
export interface Work {
  /** The ARN of the execution that it is for; absent when none has called. */
  readonly execution?: string;
}

/**
 * What a worker is at, at this moment; undefined when at nothing.
 * @param part the number of one invocation, where a worker runs several at once and the token says which
 */
export type Working = (part: number | undefined) => Work | undefined;

export interface Session {
  readonly token: string;
  end(): void;
}

/** Whose token it is. */
export interface FoundSession {
  readonly role: string;
  /** Undefined when what it was for is over. */
  readonly work: Work | undefined;
}

export interface Sessions {
  open(role: string, working: Working): Session;
  /** @returns undefined for what is no token of this directory, or of a worker that is gone */
  find(token: string): FoundSession | undefined;
  /** Whether a token was made for a role, over or not: links that a function has signed go on after it. */
  isOf(role: string, token: string): boolean;
  /** What every token of a role begins with: one without it is none. */
  mark(role: string): string;
}

/** What a worker signs its requests with. */
export interface WorkerKey extends Session {
  /** As the clients of AWS look for it. */
  readonly variables: Readonly<Record<string, string>>;
  /** The address of the server that knows it. */
  readonly endpoint: string;
  /** What of it is shown nowhere. */
  readonly secrets: readonly string[];
}

export interface WorkerKeys {
  open(role: string, working: Working): WorkerKey;
  /** What of a role's keys is shown nowhere. */
  secrets(role: string): readonly string[];
}

/** The mark of the role, the worker, and which of its invocations. */
const TOKEN = /^([\w-]{43})\.([\w-]{22})(?:\.(-?\d{1,10}))?$/;

/** @param secret of the directory */
export function createSessions(secret: string): Sessions {
  const open = new Map<string, { readonly role: string; readonly working: Working }>();
  const mark = (role: string): string => createHmac('sha256', secret).update(`sessions of ${role}`).digest('base64url');
  const isMarked = (role: string, given: string): boolean => {
    const [own, other] = [Buffer.from(mark(role)), Buffer.from(given)];
    return own.length === other.length && timingSafeEqual(own, other);
  };
  return {
    mark,
    open: (role, working) => {
      const id = randomBytes(16).toString('base64url');
      open.set(id, { role, working });
      return { token: `${mark(role)}.${id}`, end: () => void open.delete(id) };
    },
    find: (token) => {
      const [, marked = '', id = '', part] = TOKEN.exec(token) ?? [];
      const worker = open.get(id);
      if (!worker || !isMarked(worker.role, marked)) return undefined;
      return { role: worker.role, work: worker.working(part === undefined ? undefined : Number(part)) };
    },
    isOf: (role, token) => isMarked(role, TOKEN.exec(token)?.[1] ?? ''),
  };
}

/** The token of one invocation of a worker that runs several at once. */
export function tokenOfPart(token: string, part: number): string {
  return `${token}.${part}`;
}

/** The variables of a key, for who brings none of its own: halves of two keys are no key. */
export function keyBeside(
  own: Readonly<Record<string, string>>,
  key: WorkerKey | undefined,
): Readonly<Record<string, string>> {
  return own['AWS_ACCESS_KEY_ID'] === undefined ? (key?.variables ?? {}) : {};
}
