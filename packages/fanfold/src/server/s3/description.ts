/** What a request that makes an object says of it, in headers. */
import { KEPT_HEADERS, type ObjectDescription } from '../../ports/objects.ts';
import { invalidArgument, notImplemented, type S3Headers } from './request.ts';

const META = 'x-amz-meta-';

/** What S3 says of an object whose type nobody told. */
export const DEFAULT_TYPE = 'binary/octet-stream';

export type NewObject = ObjectDescription & { readonly encryption?: 'AES256' };

/** @throws ServiceError NotImplemented, InvalidArgument */
export function describedBy(headers: S3Headers): NewObject {
  return { contentType: headers['content-type'] || DEFAULT_TYPE, metadata: metadataIn(headers), ...detailsIn(headers) };
}

/** All but what a copy takes from its source. */
export function detailsIn(headers: S3Headers): Pick<NewObject, 'details' | 'encryption'> {
  const kept = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = name === 'content-encoding' ? withoutFraming(headers[name]) : headers[name];
      return value === undefined || value === '' ? [] : [[name, utf8(value)]];
    }),
  );
  const tags = tagsIn(headers['x-amz-tagging']);
  return {
    details: { ...(Object.keys(kept).length > 0 && { headers: kept }), ...(tags && { tags }) },
    ...encryptionIn(headers),
  };
}

export function metadataIn(headers: S3Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(META) ? [[name.slice(META.length), decodedWords(utf8(value))]] : [],
    ),
  );
}

export function tagsIn(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined || text === '') return undefined;
  const pairs = [...new URLSearchParams(text)];
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length !== pairs.length)
    throw invalidArgument('The header x-amz-tagging has a tag twice: Cannot provide multiple Tags with the same key');
  return tags;
}

/** @throws ServiceError NotImplemented */
function encryptionIn(headers: S3Headers): Pick<NewObject, 'encryption'> {
  const asked = headers['x-amz-server-side-encryption'];
  if (asked === undefined) return {};
  if (asked !== 'AES256') throw notImplemented(`the encryption ${asked}: ask for AES256`);
  return { encryption: asked };
}

/** `aws-chunked` is how the body came, and no part of what is in it. */
function withoutFraming(encoding: string | undefined): string | undefined {
  return encoding
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part.toLowerCase() !== 'aws-chunked')
    .join(',');
}

/** Node gives the bytes of a header one by one. */
function utf8(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? value : text;
}

/** Texts that are not ASCII, as RFC 2047 has them in headers. */
export function encodedWord(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}

function decodedWords(text: string): string {
  return text.replace(/=\?UTF-8\?B\?([A-Za-z0-9+/=]*)\?=/gi, (_, word: string) =>
    Buffer.from(word, 'base64').toString(),
  );
}
