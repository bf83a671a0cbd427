/** What functions may call on the host: nothing that is not in this table crosses from a worker. */
import type { Links } from '../../ports/links.ts';
import type { Mailer } from '../../ports/mail.ts';
import type { TextTables } from '../text-tables.ts';
import type { RemoteTarget } from './protocol.ts';

type AnyMethod<Result = unknown> = (...args: never[]) => Promise<Result>;

/**
 * The index half of the buckets, as far as it is called from a worker. The bytes are read and written by the worker
 * itself, so all that is known here is how writes begin and end.
 */
export interface RemoteObjectIndex {
  begin: AnyMethod<{ readonly id: string }>;
  publish: AnyMethod;
  abandon(id: string): Promise<void>;
  find: AnyMethod;
  list: AnyMethod;
  listVersions: AnyMethod;
  copy: AnyMethod;
  move: AnyMethod;
  remove: AnyMethod;
  tag: AnyMethod;
}

export interface RemoteServices {
  readonly objectIndex: RemoteObjectIndex;
  readonly tables: TextTables;
  readonly mail: Pick<Mailer, 'send'>;
  readonly links: Links;
}

export const REMOTE_METHODS: {
  readonly [Target in RemoteTarget]: readonly (keyof RemoteServices[Target])[];
} = {
  objectIndex: ['begin', 'publish', 'abandon', 'find', 'list', 'listVersions', 'copy', 'move', 'remove', 'tag'],
  tables: ['create', 'describe', 'put', 'putMany', 'putLines', 'get', 'getMany', 'delete', 'query', 'scan', 'count'],
  mail: ['send'],
  links: ['sign'],
};

export function isRemoteMethod(target: string, method: string): boolean {
  if (!Object.hasOwn(REMOTE_METHODS, target)) return false;
  return (REMOTE_METHODS[target as RemoteTarget] as readonly string[]).includes(method);
}
