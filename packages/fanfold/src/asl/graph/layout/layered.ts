/** Layers from top to bottom, made by a library: what people expect of a flow chart. */
import { graphlib, layout } from '@dagrejs/dagre';
import { inFlow } from '../flow.ts';
import type { EdgeKind, GraphScope } from '../graph.ts';
import { Bands } from './bands.ts';
import { portsOf } from './ports.ts';
import { fromOrigin, type Placed, type Point, type Rectangle, type Route, type Sized } from './geometry.ts';

/** What comes next stays straight below; what is caught goes around. */
const WEIGHTS: Readonly<Record<EdgeKind, number>> = { start: 4, next: 4, choice: 2, default: 2, end: 2, catch: 1 };

const SPACING = { ranksep: 40, nodesep: 34, edgesep: 16 } as const;

/** The library recurses along chains of nodes. */
const MAX_NODES = 600;

/**
 * What it takes to lay the scope out: an edge takes a place in every layer that it passes, and the time grows at least with
 * the number of places. Infinite where the library would run out of stack.
 */
export function layeredWork(scope: GraphScope): number {
  if (scope.nodes.length > MAX_NODES) return Number.POSITIVE_INFINITY;
  const layers = layersOf(scope);
  const layer = (id: string): number => layers.get(id) ?? 0;
  return scope.edges.reduce((sum, { from, to }) => sum + 1 + Math.abs(layer(to) - layer(from)), scope.nodes.length);
}

/** The longest way to each node, leaving aside what leads back. */
function layersOf(scope: GraphScope): ReadonlyMap<string, number> {
  const order = inFlow(scope);
  const positions = new Map(order.map(({ id }, i) => [id, i]));
  const ways = Map.groupBy(scope.edges, ({ from }) => from);
  const layers = new Map<string, number>();
  for (const { id } of order) {
    const layer = layers.get(id) ?? 0;
    layers.set(id, layer);
    for (const { to } of ways.get(id) ?? []) {
      if ((positions.get(to) ?? 0) > (positions.get(id) ?? 0)) layers.set(to, Math.max(layers.get(to) ?? 0, layer + 1));
    }
  }
  return layers;
}

export function layLayers({ scope, sizes, labels }: Sized): Placed {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ ...SPACING });
  for (const { id } of inFlow(scope)) graph.setNode(id, { ...sizes.get(id) });
  for (const { id, kind, from, to } of scope.edges) {
    const { width = 0, height = 0 } = labels.get(id) ?? {};
    graph.setEdge(from, to, { width, height, labelpos: 'c', weight: WEIGHTS[kind] }, id);
  }
  layout(graph);
  const places = new Map(scope.nodes.map(({ id }): [string, Rectangle] => [id, cornered(graph.node(id) as Rectangle)]));
  const found = scope.edges.map((edge) => {
    const { x, y, points } = graph.edge({ v: edge.from, w: edge.to, name: edge.id }) as Routed;
    const size = labels.get(edge.id);
    const [from, to] = [places.get(edge.from) as Rectangle, places.get(edge.to) as Rectangle];
    return {
      edge,
      from,
      to,
      between: points.slice(1, -1),
      x,
      ...(size && { label: { ...size, ...cornered({ ...size, x, y }) } }),
    };
  });
  const bands = new Bands([...places.values(), ...found.flatMap(({ label }) => label ?? [])]);
  const ports = portsOf(found.filter(({ from, to }) => from !== to));
  const routes = found.map((way): Route => {
    const { edge, from, x, label } = way;
    const port = ports.get(way);
    return { edge, points: port ? bands.route(way, port) : loopBeside(from, label?.x ?? x), ...(label && { label }) };
  });
  return fromOrigin(places, routes);
}

/** With the middle of the label. */
type Routed = Point & { readonly points: readonly Point[] };

/** The library names middles. */
function cornered({ x, y, width, height }: Rectangle): Rectangle {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** Out of the right side, down, and back in; the library leaves room between the box and `right`. */
function loopBeside(box: Rectangle, right: number): readonly Point[] {
  const [from, middle] = [box.x + box.width, box.y + box.height / 2];
  const [x, dy] = [Math.max(from + 4, right - 4), box.height / 5];
  return [
    { x: from, y: middle - dy },
    { x, y: middle - dy },
    { x, y: middle + dy },
    { x: from, y: middle + dy },
  ];
}
