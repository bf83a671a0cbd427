/**
 * One column in the order of the flow, with the edges in lanes beside it. Plain, but the time it takes grows with the number
 * of states and no faster. Edges to the same node share a lane.
 */
import { inFlow } from '../flow.ts';
import type { GraphEdge } from '../graph.ts';
import { fromOrigin, type Placed, type Point, type Rectangle, type Route, type Sized } from './geometry.ts';

/** Between two nodes. */
const GAP = 30;
/** For each edge that leaves or enters a node from the side. */
const PORT = 18;
const LANE = 10;

export function layColumn(sized: Sized): Placed {
  const { scope, labels } = sized;
  const order = inFlow(scope).map(({ id }) => id);
  const following = new Map(order.map((id, i) => [id, order[i + 1]]));
  const around = new Set(scope.edges.filter(({ id, from, to }) => following.get(from) !== to || labels.has(id)));
  const { places, leaves } = placeNodes(sized, order, around);
  const entry = (id: string): Point => rightOf(placeOf(places, id), PORT / 2);
  const right = greatest([...places.values()].map(({ x, width }) => x + width));
  const labelled = greatest([...labels.values()].map(({ width }) => width + LANE));
  const lanes = lanesOf(around, leaves, (id) => entry(id).y);
  const laneAt = (id: string): number => right + LANE + labelled + (lanes.get(id) ?? 0) * LANE;

  const routes = scope.edges.map((edge): Route => {
    const [from, to] = [placeOf(places, edge.from), placeOf(places, edge.to)];
    if (!around.has(edge)) return { edge, points: [bottomOf(from), topOf(to)] };
    const y = leaves.get(edge.id) ?? 0;
    const [x, end] = [laneAt(edge.to), entry(edge.to)];
    const points = [{ x: from.x + from.width, y }, { x, y }, { x, y: end.y }, end];
    const size = labels.get(edge.id);
    return { edge, points, ...(size && { label: { ...size, x: right + LANE, y: y - size.height / 2 } }) };
  });
  return fromOrigin(places, routes);
}

/** Nodes one below the other, each as high as the edges that leave it need; and the heights at which these do. */
function placeNodes(
  { scope, sizes, labels }: Sized,
  order: readonly string[],
  around: ReadonlySet<GraphEdge>,
): { readonly places: ReadonlyMap<string, Rectangle>; readonly leaves: ReadonlyMap<string, number> } {
  const leaving = Map.groupBy(around, ({ from }) => from);
  const middle = greatest(scope.nodes.map(({ id }) => (sizes.get(id)?.width ?? 0) / 2));
  const places = new Map<string, Rectangle>();
  const leaves = new Map<string, number>();
  let y = 0;
  for (const id of order) {
    const { width = 0, height = 0 } = sizes.get(id) ?? {};
    let port = y + PORT;
    for (const edge of leaving.get(id) ?? []) {
      const room = Math.max(PORT, (labels.get(edge.id)?.height ?? 0) + 4);
      leaves.set(edge.id, port + room / 2);
      port += room;
    }
    const needed = leaving.has(id) ? Math.max(height, port - y) : height;
    places.set(id, { x: middle - width / 2, y, width, height: needed });
    y += needed + GAP;
  }
  return { places, leaves };
}

/** For each node that is entered from the side the first lane that is free from its first edge to its last. */
function lanesOf(
  around: ReadonlySet<GraphEdge>,
  leaves: ReadonlyMap<string, number>,
  entry: (id: string) => number,
): ReadonlyMap<string, number> {
  const spans = [...Map.groupBy(around, ({ to }) => to)].map(([id, edges]) => {
    const heights = [entry(id), ...edges.map((edge) => leaves.get(edge.id) ?? 0)];
    return { id, top: -greatest(heights.map((height) => -height)), bottom: greatest(heights) };
  });
  const ends: number[] = [];
  const lanes = new Map<string, number>();
  for (const { id, top, bottom } of spans.sort((a, b) => a.top - b.top)) {
    const free = ends.findIndex((end) => end < top);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = bottom;
    lanes.set(id, lane);
  }
  return lanes;
}

/** Lists may be longer than a call can have arguments. Of none it is 0. */
function greatest(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((a, b) => Math.max(a, b));
}

function placeOf(places: ReadonlyMap<string, Rectangle>, id: string): Rectangle {
  const place = places.get(id);
  if (!place) throw new Error(`The scope has no node ${id}`);
  return place;
}

function rightOf({ x, y, width, height }: Rectangle, down: number): Point {
  return { x: x + width, y: y + Math.min(down, height / 2) };
}

function bottomOf({ x, y, width, height }: Rectangle): Point {
  return { x: x + width / 2, y: y + height };
}

function topOf({ x, y, width }: Rectangle): Point {
  return { x: x + width / 2, y };
}
