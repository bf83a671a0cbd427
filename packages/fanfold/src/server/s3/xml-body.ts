/** The XML that a request carries. */
import type { S3Request } from './request.ts';
import { readText } from './text-body.ts';
import { malformedXml, parseXml, type XmlElement } from './xml-tree.ts';

/** The parts of the largest upload, with a checksum each. */
const LONGEST = 5 * 1024 * 1024;

/**
 * @param root the name of the outermost element
 * @throws ServiceError MalformedXML, and as {@link readText}
 */
export async function readXml(request: S3Request, root: string): Promise<XmlElement> {
  // Of an object that is completed the header is of the object, not of this text.
  const element = parseXml(await readText(request, LONGEST, root !== 'CompleteMultipartUpload'));
  if (element.name !== root) throw malformedXml();
  return element;
}
