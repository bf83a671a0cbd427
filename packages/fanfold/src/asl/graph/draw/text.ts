/** Writes a graph as text, in the order of the flow: what comes next stands below, everything else is named. */
import { type Graph, type GraphEdge, type GraphNode, type GraphScope, type StateNode } from '../graph.ts';
import { inFlow } from '../flow.ts';
import { visible } from '../../../visible.ts';
import { omission, summary } from './summary.ts';

/** What a piece of text is, for those who colour it. */
export type Role = 'name' | 'type' | 'condition' | 'error' | 'good' | 'bad' | 'line';

export interface TextOptions {
  readonly title: string;
  /** Given each piece of text once. @defaultValue no colours */
  readonly paint?: (role: Role, text: string) => string;
}

/** @returns lines, the last one ended by a line feed */
export function toText(graph: Graph, { title, paint = (_, text) => text }: TextOptions): string {
  const note = omission(graph);
  const lines = [
    `${paint('name', visible(title))}: ${summary(graph)}`,
    '',
    ...new Writer(paint).scope(graph.root),
    ...(note === undefined ? [] : ['', note]),
  ];
  return `${lines.join('\n')}\n`;
}

class Writer {
  readonly #paint: NonNullable<TextOptions['paint']>;

  constructor(paint: NonNullable<TextOptions['paint']>) {
    this.#paint = paint;
  }

  *scope(scope: GraphScope): Generator<string> {
    const order = inFlow(scope);
    const names = new Map(order.map((node) => [node.id, this.#name(node)]));
    const leaving = Map.groupBy(scope.edges, ({ from }) => from);
    for (const [i, node] of order.entries()) {
      const edges = leaving.get(node.id) ?? [];
      const below = edges.find(({ to, label }) => to === order[i + 1]?.id && label === undefined);
      yield this.#heading(node);
      if (node.kind === 'state') yield* this.#inside(node);
      for (const edge of edges) if (edge !== below) yield this.#edge(edge, names);
      if (below) yield this.#line('↓');
      else if (i < order.length - 1) yield '';
    }
  }

  #heading(node: GraphNode): string {
    if (node.kind !== 'state') return this.#name(node);
    const { type, detail } = node;
    return `${this.#name(node)}  ${this.#paint('type', `[${detail === undefined ? type : `${type}: ${detail}`}]`)}`;
  }

  *#inside({ scopes }: StateNode): Generator<string> {
    for (const scope of scopes) {
      if (scope.title !== undefined) yield `${this.#line('│')}  ${this.#paint('type', scope.title)}`;
      for (const line of this.scope(scope)) yield `${this.#line('│')}  ${line}`.trimEnd();
    }
  }

  #edge({ kind, to, label }: GraphEdge, names: ReadonlyMap<string, string>): string {
    const target = names.get(to) ?? '';
    if (label === undefined) return `${this.#line('├→')} ${target}`;
    const why = kind === 'catch' ? this.#paint('error', `catch ${label}`) : this.#paint('condition', label);
    return `${this.#line('├─')} ${why} ${this.#line('→')} ${target}`;
  }

  #name(node: GraphNode): string {
    if (node.kind !== 'state') return this.#paint('type', node.kind === 'start' ? '● start' : '◉ end');
    const role = node.type === 'Fail' ? 'bad' : node.type === 'Succeed' ? 'good' : 'name';
    return this.#paint(role, visible(node.name));
  }

  #line(text: string): string {
    return this.#paint('line', text);
  }
}
