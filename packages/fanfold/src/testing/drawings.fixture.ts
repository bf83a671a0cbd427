/** Reads drawings back, strictly: what is not exactly as it must be is an error. */
import { SaxesParser } from 'saxes';

export interface SvgElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The elements around it, outermost first. */
  readonly around: readonly string[];
  text: string;
}

/** @throws Error when it is no well-formed XML */
export function readSvg(svg: string): SvgElement[] {
  const parser = new SaxesParser({ xmlns: true });
  const elements: SvgElement[] = [];
  const open: SvgElement[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const values = Object.entries(attributes).map(([key, { value }]) => [key, value]);
    const element = { name, attributes: Object.fromEntries(values), around: open.map(({ name }) => name), text: '' };
    elements.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const inner = open.at(-1);
    if (inner) inner.text += text;
  });
  parser.on('closetag', () => void open.pop());
  for (const event of ['comment', 'cdata', 'doctype'] as const)
    parser.on(event, () => {
      throw new Error(`A drawing has no ${event}`);
    });
  parser.on('processinginstruction', () => {
    throw new Error('A drawing has no processing instructions');
  });
  parser.write(svg).close();
  return elements;
}

export interface MermaidChart {
  /** Texts of the boxes and clusters, by id, their references resolved. */
  readonly texts: ReadonlyMap<string, string>;
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly arrow: string;
    readonly label?: string;
  }[];
  readonly title: string;
}

/** Text between quotes: no quote, bracket, backtick or line end that is not written as a reference. */
const QUOTED = String.raw`"((?:[^"#;<>\[\]{}|\\&%\`\n]|#\d+;|<br/>)*)"`;
const ID = '(n\\d+(?:b\\d+)?|omitted)';
const LINES = {
  box: new RegExp(`^ *${ID}(?:\\[${QUOTED}\\]|\\(\\(${QUOTED}\\)\\)|\\(\\[${QUOTED}\\]\\)|\\{\\{${QUOTED}\\}\\})$`),
  cluster: new RegExp(`^ *subgraph ${ID}\\[${QUOTED}\\]$`),
  edge: new RegExp(`^ *${ID} (-->|-\\.->)(?:\\|${QUOTED}\\|)? ${ID}$`),
  end: /^ *end$/,
} as const;

/** The part of Mermaid's language that is written here. @throws Error at a line that is not in it */
export function readMermaid(chart: string): MermaidChart {
  const [first, title = '', description = '', ...lines] = chart.split('\n');
  if (first !== 'flowchart TD' || !title.startsWith('  accTitle: ') || !description.startsWith('  accDescr: '))
    throw new Error(`It begins with ${JSON.stringify([first, title, description])}`);
  if (lines.pop() !== '') throw new Error('It does not end with a line end');
  const texts = new Map<string, string>();
  const edges: MermaidChart['edges'][number][] = [];
  let depth = 0;
  for (const line of lines) {
    const named = LINES.cluster.exec(line) ?? LINES.box.exec(line);
    const edge = LINES.edge.exec(line);
    if (named) {
      const [, id = '', ...found] = named;
      if (texts.has(id)) throw new Error(`${id} is there twice`);
      texts.set(id, resolved(found.find((text) => text !== undefined) ?? ''));
      if (LINES.cluster.test(line)) depth += 1;
    } else if (edge) {
      const [, from = '', arrow = '', label, to = ''] = edge;
      edges.push({ from, to, arrow, ...(label !== undefined && { label: resolved(label) }) });
    } else if (LINES.end.test(line)) depth -= 1;
    else throw new Error(`This is no line of a chart: ${JSON.stringify(line)}`);
    if (depth < 0) throw new Error('There is an end too many');
  }
  if (depth !== 0) throw new Error('A cluster does not end');
  for (const { from, to } of edges)
    if (!texts.has(from) || !texts.has(to)) throw new Error(`${from} or ${to} is not there`);
  return { texts, edges, title: resolved(title.slice('  accTitle: '.length)) };
}

function resolved(text: string): string {
  return text.replace(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
