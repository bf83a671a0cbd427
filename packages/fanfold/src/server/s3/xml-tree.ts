/** The XML that clients of S3 send. */
import { SaxesParser } from 'saxes';
import { ServiceError } from '../../ports/service-error.ts';

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** What stands directly in it. */
  readonly text: string;
}

const DEEPEST = 16;

/** @throws ServiceError MalformedXML */
export function parseXml(text: string): XmlElement {
  const document = { name: '', children: [] as Open[], text: '' };
  const open: Open[] = [document];
  const parser = new SaxesParser();
  parser.on('error', () => {
    throw malformedXml();
  });
  parser.on('doctype', () => {
    throw malformedXml();
  });
  parser.on('opentag', ({ name }) => {
    const element = { name: name.replace(/^.*:/, ''), children: [], text: '' };
    open.at(-1)?.children.push(element);
    if (open.push(element) > DEEPEST) throw malformedXml();
  });
  const add = (more: string): void => {
    const element = open.at(-1);
    if (element) element.text += more;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', () => void open.pop());
  parser.write(text).close();
  const [root] = document.children;
  if (!root) throw malformedXml();
  return root;
}

interface Open extends XmlElement {
  readonly children: Open[];
  text: string;
}

/** The text of a child; undefined where there is none. */
export function childText({ children }: XmlElement, name: string): string | undefined {
  return children.find((child) => child.name === name)?.text;
}

export function childrenOf({ children }: XmlElement, name: string): readonly XmlElement[] {
  return children.filter((child) => child.name === name);
}

export function malformedXml(): ServiceError {
  return new ServiceError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}
