/** XML as S3 writes it. */
import type { ServerResponse } from 'node:http';

/** An element's children, a text, or one element for each of a list. What begins with an at sign is an attribute of the element. */
export type XmlContent = string | number | boolean | { readonly [name: string]: XmlContent | readonly XmlContent[] };

/** Children whose names come in any order. */
export type XmlChildren = readonly (readonly [name: string, content: XmlContent | readonly XmlContent[]])[];

export function xmlDocument(name: string, content: XmlContent | XmlChildren): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner(content)}</${name}>`;
}

/** A whole answer. */
export function sendXml(outgoing: ServerResponse, name: string, content: XmlContent | XmlChildren): void {
  const xml = xmlDocument(name, content);
  outgoing.writeHead(200, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(xml),
    'x-content-type-options': 'nosniff',
  });
  outgoing.end(xml);
}

function inner(content: XmlContent | XmlChildren): string {
  if (typeof content !== 'object') return escapeXml(String(content));
  return (isChildren(content) ? content : Object.entries(content))
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as readonly XmlContent[]) : [value as XmlContent]).map((each) =>
        name.startsWith('@') ? '' : `<${name}${attributes(each)}>${inner(each)}</${name}>`,
      ),
    )
    .join('');
}

function attributes(content: XmlContent): string {
  if (typeof content !== 'object') return '';
  return Object.entries(content)
    .map(([name, value]) => (name.startsWith('@') ? ` ${name.slice(1)}="${escapeXml(String(value))}"` : ''))
    .join('');
}

function isChildren(content: object): content is XmlChildren {
  return Array.isArray(content);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader would take it for a line feed.
  '\r': '&#13;',
};

/** Characters that XML cannot hold at all become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character);
}
