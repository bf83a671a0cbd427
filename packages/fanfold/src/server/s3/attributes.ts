/** GetObjectAttributes: what there is to know of an object without its bytes. */
import { ServiceError } from '../../ports/service-error.ts';
import type { ObjectInfo } from '../../ports/objects.ts';
import { invalidArgument, type S3Request } from './request.ts';
import { found } from './send-object.ts';
import { versionHeaders } from './version-ref.ts';
import { sendXml, type XmlContent } from './xml.ts';

export async function getAttributes(request: S3Request): Promise<void> {
  const asked = (request.headers['x-amz-object-attributes'] ?? '').split(',').map((name) => name.trim());
  if (asked.join('') === '')
    throw new ServiceError(
      'InvalidRequest',
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
    );
  const unknown = asked.find((name) => !Object.hasOwn(ATTRIBUTES, name));
  if (unknown !== undefined) throw invalidArgument(`Invalid attribute name specified: ${unknown.slice(0, 100)}`);
  const info = await found(request);
  const { outgoing } = request;
  for (const [name, value] of Object.entries(versionHeaders(info)))
    if (value !== undefined) outgoing.setHeader(name, value);
  outgoing.setHeader('last-modified', info.lastModified.toUTCString());
  const known = Object.entries(ATTRIBUTES).flatMap(([name, of]) => {
    const value = asked.includes(name) ? of(info) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  sendXml(outgoing, 'GetObjectAttributesResponse', known);
}

/** In the order in which S3 writes them; those that an object lacks are left out. */
const ATTRIBUTES: Readonly<Record<string, (info: ObjectInfo) => XmlContent | undefined>> = {
  ETag: ({ eTag }) => eTag,
  Checksum: ({ details: { checksum } }) =>
    checksum && {
      // How many parts it is of stands with the parts.
      [`Checksum${checksum.algorithm}`]: checksum.value.replace(/-\d+$/, ''),
      ChecksumType: checksum.type,
    },
  ObjectParts: ({ eTag }) => {
    const [, count] = /-(\d+)$/.exec(eTag) ?? [];
    return count === undefined ? undefined : { PartsCount: count };
  },
  StorageClass: () => 'STANDARD',
  ObjectSize: ({ size }) => size,
};
