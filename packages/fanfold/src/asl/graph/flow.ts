/** The order in which a scope is read. */
import type { GraphEdge, GraphNode, GraphScope } from './graph.ts';

/**
 * The nodes from the start on: each after all that lead to it, but for those that lead back. Of the ways out of a state the
 * first is followed first, and what catches errors comes last. What nothing leads to stands at the end.
 */
export function inFlow({ nodes, edges }: GraphScope): readonly GraphNode[] {
  const ways = Map.groupBy(edges, ({ from }) => from);
  const known = new Map(nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  const ordered: GraphNode[][] = [];
  for (const node of nodes) {
    if (seen.has(node.id)) continue;
    const left: GraphNode[] = [];
    const leave = (id: string): void => {
      const found = known.get(id);
      if (found) left.push(found);
    };
    visit(node.id, ways, seen, leave);
    ordered.push(left.reverse());
  }
  return ordered.flat();
}

type Ways = ReadonlyMap<string, readonly GraphEdge[]>;

/** Depth first, the last way out first, so that the reverse of the order of leaving has the first way first. */
function visit(start: string, ways: Ways, seen: Set<string>, leave: (id: string) => void): void {
  const trail: { readonly id: string; readonly rest: GraphEdge[] }[] = [];
  const enter = (id: string): void => {
    seen.add(id);
    trail.push({ id, rest: [...(ways.get(id) ?? [])] });
  };
  enter(start);
  for (let top = trail.at(-1); top; top = trail.at(-1)) {
    const next = top.rest.pop();
    if (next === undefined) {
      leave(top.id);
      trail.pop();
    } else if (!seen.has(next.to)) enter(next.to);
  }
}
