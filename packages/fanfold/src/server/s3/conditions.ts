/** Conditions of requests (RFC 9110, 13), in S3's order. */
import type { ObjectInfo } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { bareTag, notImplemented, type S3Headers } from './request.ts';

type Version = Pick<ObjectInfo, 'eTag' | 'lastModified'>;

/** @throws ServiceError PreconditionFailed @returns whether the client has this version already */
export function checkRead(headers: S3Headers, version: Version): 'send' | 'not-modified' {
  const match = headers['if-match'];
  const none = headers['if-none-match'];
  if (match !== undefined) {
    if (!names(match, version)) throw failed('If-Match');
  } else if (isModified(version, headers['if-unmodified-since']) === true) throw failed('If-Unmodified-Since');
  if (none !== undefined) return names(none, version) ? 'not-modified' : 'send';
  return isModified(version, headers['if-modified-since']) === false ? 'not-modified' : 'send';
}

/** Of the source of a copy. @throws ServiceError PreconditionFailed */
export function checkCopySource(headers: S3Headers, version: Version): void {
  const prefix = 'x-amz-copy-source-';
  const own = Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
  if (checkRead(own, version) === 'not-modified') throw failed('x-amz-copy-source-If-None-Match');
}

/** What must hold of the object that a write replaces. @throws ServiceError NotImplemented */
export function writeConditions(headers: S3Headers): { readonly ifAbsent?: boolean; readonly ifMatch?: string } {
  const { 'if-none-match': none, 'if-match': match } = headers;
  if (none !== undefined && none !== '*') throw notImplemented("If-None-Match of writes with anything but '*'");
  if (match?.trim() === '*') throw notImplemented("If-Match of writes with '*': name an ETag");
  return { ...(none !== undefined && { ifAbsent: true }), ...(match !== undefined && { ifMatch: bareTag(match) }) };
}

function names(condition: string, { eTag }: Version): boolean {
  return condition.split(',').some((tag) => tag.trim() === '*' || bareTag(tag.trim().replace(/^W\//, '')) === eTag);
}

/** Undefined where no date is given. HTTP has no parts of seconds. */
function isModified({ lastModified }: Version, since: string | undefined): boolean | undefined {
  const at = Date.parse(since ?? '');
  if (Number.isNaN(at)) return undefined;
  return Math.floor(lastModified.getTime() / 1000) > Math.floor(at / 1000);
}

function failed(condition: string): ServiceError {
  return new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  });
}
