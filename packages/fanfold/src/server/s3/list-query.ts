/** What lists have in common: how many are asked for, and how keys are written. */
import { invalidArgument, type S3Request } from './request.ts';

const MOST = 1000;

/** @param name of the parameter that says how many @throws ServiceError InvalidArgument */
export function limitAsked({ query }: Pick<S3Request, 'query'>, name: string): number {
  const text = query.get(name);
  if (text === null || text === '') return MOST;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_147_483_647)
    throw invalidArgument(`Provided ${name} not an integer or within integer range: ${text.slice(0, 100)}`);
  return Math.min(Number(text), MOST);
}

/** How keys are written into the answer. @throws ServiceError InvalidArgument */
export function keyEncoding({ query }: Pick<S3Request, 'query'>): (key: string) => string {
  const type = query.get('encoding-type');
  if (type === null) return (key) => key;
  if (type !== 'url') throw invalidArgument(`Invalid Encoding Method specified in Request: ${type}`);
  return (key) =>
    encodeURIComponent(key)
      .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%2F', '/')
      .replaceAll('%20', '+');
}

/** Opaque to clients. */
export function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** @throws ServiceError InvalidArgument */
export function keyOfToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (key === '' || tokenOf(key) !== token) throw invalidArgument('The continuation token provided is incorrect');
  return key;
}
