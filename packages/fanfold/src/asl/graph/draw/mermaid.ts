/**
 * Writes a graph as a Mermaid flow chart. Ids are our own words; every text is quoted, and all in it that is not plainly a
 * letter, a digit or harmless is written as a character reference, so that no name can end its quotes, open Markdown or HTML,
 * or be a word of Mermaid's.
 */
import type { StateType } from '../../definition.ts';
import type { EdgeKind, Graph, GraphEdge, GraphNode, GraphScope, StateNode } from '../graph.ts';
import { inFlow } from '../flow.ts';
import { shorten } from '../words.ts';
import { visible } from '../../../visible.ts';
import { account, omission } from './summary.ts';

/** What Mermaid draws unless `maxEdges` and `maxTextSize` of its configuration say otherwise. */
export const MERMAID_LIMITS = { edges: 500, characters: 50_000 } as const;

/** @returns lines, the last one ended by a line feed */
export function toMermaid(graph: Graph, { title }: { readonly title: string }): string {
  const note = omission(graph);
  const lines = [
    'flowchart TD',
    `  accTitle: ${encode(visible(title))}`,
    `  accDescr: ${encode(account(graph))}`,
    ...scopeLines(graph.root, '  '),
    ...(note === undefined ? [] : [`  omitted["${encode(note)}"]`]),
  ];
  return `${lines.join('\n')}\n`;
}

function* scopeLines(scope: GraphScope, indent: string): Generator<string> {
  for (const node of inFlow(scope)) yield* nodeLines(node, indent);
  for (const edge of scope.edges) yield `${indent}${edgeLine(edge)}`;
}

function* nodeLines(node: GraphNode, indent: string): Generator<string> {
  if (node.kind !== 'state') yield `${indent}${node.id}(("${node.kind === 'start' ? 'Start' : 'End'}"))`;
  else if (node.scopes.length === 0) yield `${indent}${node.id}${boxOf(node)}`;
  else yield* clusterLines(node, indent);
}

function* clusterLines(node: StateNode, indent: string): Generator<string> {
  yield `${indent}subgraph ${node.id}["${textOf(node)}"]`;
  for (const [i, scope] of node.scopes.entries()) {
    if (scope.title === undefined) {
      yield* scopeLines(scope, `${indent}  `);
      continue;
    }
    yield `${indent}  subgraph ${node.id}b${i}["${encode(scope.title)}"]`;
    yield* scopeLines(scope, `${indent}    `);
    yield `${indent}  end`;
  }
  yield `${indent}end`;
}

type Brackets = readonly [string, string];

const BOX: Brackets = ['[', ']'];
const SHAPES: { readonly [T in StateType]?: Brackets } = {
  Choice: ['{{', '}}'],
  Succeed: ['([', '])'],
  Fail: ['([', '])'],
};

function boxOf(node: StateNode): string {
  const [open, close] = SHAPES[node.type] ?? BOX;
  return `${open}"${textOf(node)}"${close}`;
}

/** In characters; names of states have at most 80. */
const MAX_TEXT = 100;

function textOf({ name, type, detail }: StateNode): string {
  const about = detail === undefined ? type : `${type}: ${detail}`;
  return `${encode(shorten(visible(name), MAX_TEXT))}<br/>${encode(shorten(about, MAX_TEXT))}`;
}

const ARROWS: Readonly<Record<EdgeKind, string>> = {
  start: '-->',
  next: '-->',
  choice: '-->',
  default: '-->',
  end: '-->',
  catch: '-.->',
};

function edgeLine({ kind, from, to, label }: GraphEdge): string {
  const text = label === undefined ? '' : `|"${encode(shorten(label, MAX_TEXT))}"|`;
  return `${from} ${ARROWS[kind]}${text} ${to}`;
}

/**
 * What must be written as a reference. Single spaces, single dollars, and dots, hyphens and underscores inside of words are
 * harmless; elsewhere they begin lists, emphasis, code or formulas.
 */
const WRITTEN_OUT =
  /[^\p{L}\p{M}\p{Nd} ,/$().\-_]|(?<=^| ) | $|\$(?=\$)|(?<=\$)\$|(?<![\p{L}\p{Nd}$])[.\-_]|[.\-_](?![\p{L}\p{Nd}])/gu;

function encode(text: string): string {
  return text.replace(WRITTEN_OUT, (char) => `#${char.codePointAt(0)};`);
}
