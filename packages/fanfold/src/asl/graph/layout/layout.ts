/**
 * Where everything of a graph stands. Each scope is laid out by itself and then placed into the box of the state that holds
 * it: no edge leaves its scope, so nothing has to know of what lies around it or inside.
 */
import type { Graph, GraphScope, StateNode } from '../graph.ts';
import { layColumn } from './column.ts';
import {
  type Box,
  type Cluster,
  type Layout,
  moved,
  type Placed,
  type Point,
  type Rectangle,
  type Route,
  shifted,
  type Size,
} from './geometry.ts';
import { layeredWork, layLayers } from './layered.ts';
import { CLUSTER_TITLE, type Heading, headingOf, labelOf, MARKER } from './measures.ts';

const MAX_WORK = 6000;

const MARGIN = 16;
const CLUSTER_PADDING = 12;
const CLUSTER_GAP = 12;
/** Clusters stand side by side up to this width, or as wide as makes a square of them all. */
const ROW_WIDTH = 1200;

export interface LayoutOptions {
  /** What may be spent on layers, in the places that edges take in them; the scopes beyond are laid out in columns. @defaultValue 6000, about a second */
  readonly maxWork?: number;
}

/** Takes time and memory that grow with the graph, and no faster. */
export function layOut({ root }: Graph, { maxWork = MAX_WORK }: LayoutOptions = {}): Layout {
  const { scope, placed, states } = layScope(root, { left: maxWork });
  const drawing: Drawing = { boxes: [], clusters: [], routes: [] };
  draw({ scope, placed, states }, { x: MARGIN, y: MARGIN }, drawing);
  return { ...drawing, width: placed.width + 2 * MARGIN, height: placed.height + 2 * MARGIN };
}

/** What may still be spent on layers. */
interface Budget {
  left: number;
}

/** A scope laid out from (0, 0), and what its states hold. */
interface LaidScope {
  readonly scope: GraphScope;
  readonly placed: Placed;
  readonly states: ReadonlyMap<string, LaidState>;
}

interface LaidState extends Size {
  readonly heading: Heading;
  /** Where each scope's cluster stands, from the corner of the state's box. */
  readonly clusters: readonly { readonly frame: Rectangle; readonly laid: LaidScope }[];
}

function layScope(scope: GraphScope, budget: Budget): LaidScope {
  const inner = scope.nodes
    .filter((node) => node.kind === 'state')
    .map((node) => [node.id, layState(node, budget)] as const);
  const states = new Map(inner);
  const sizes = new Map(scope.nodes.map(({ id }): [string, Size] => [id, states.get(id) ?? MARKER]));
  const labels = new Map(
    scope.edges.flatMap((edge) => {
      const label = labelOf(edge);
      return label ? [[edge.id, label] as const] : [];
    }),
  );
  const work = layeredWork(scope);
  const layered = work <= budget.left;
  if (layered) budget.left -= work;
  return { scope, states, placed: (layered ? layLayers : layColumn)({ scope, sizes, labels }) };
}

function layState(node: StateNode, budget: Budget): LaidState {
  const heading = headingOf(node);
  if (node.scopes.length === 0) return { heading, width: heading.width, height: heading.height, clusters: [] };
  const laid = node.scopes.map((scope) => layScope(scope, budget));
  const { frames, width, height } = inRows(laid.map(frameSize));
  const outer = Math.max(heading.width, width + 2 * CLUSTER_PADDING);
  const offset = { x: (outer - width) / 2, y: heading.height };
  return {
    heading,
    width: outer,
    height: heading.height + height + CLUSTER_PADDING,
    clusters: laid.map((laid, i) => ({ laid, frame: shifted(frames[i] as Rectangle, offset) })),
  };
}

function frameSize({ scope, placed }: LaidScope): Size {
  return {
    width: placed.width + 2 * CLUSTER_PADDING,
    height: placed.height + 2 * CLUSTER_PADDING + (scope.title === undefined ? 0 : CLUSTER_TITLE),
  };
}

/** Side by side in as many rows as it takes. */
function inRows(sizes: readonly Size[]): Size & { readonly frames: readonly Rectangle[] } {
  const area = sizes.reduce((sum, { width, height }) => sum + width * height, 0);
  const limit = Math.max(ROW_WIDTH, Math.sqrt(area));
  const frames: Rectangle[] = [];
  let [x, y, row, right] = [0, 0, 0, 0];
  for (const { width, height } of sizes) {
    if (x > 0 && x + width > limit) [x, y, row] = [0, y + row + CLUSTER_GAP, 0];
    frames.push({ x, y, width, height });
    [x, row, right] = [x + width + CLUSTER_GAP, Math.max(row, height), Math.max(right, x + width)];
  }
  return { frames, width: right, height: y + row };
}

interface Drawing {
  readonly boxes: Box[];
  readonly clusters: Cluster[];
  readonly routes: Route[];
}

function draw({ scope, placed, states }: LaidScope, at: Point, drawing: Drawing): void {
  for (const node of scope.nodes) {
    const place = shifted(placed.places.get(node.id) as Rectangle, at);
    const state = states.get(node.id);
    drawing.boxes.push({ ...place, node, title: state?.heading.title ?? [], subtitle: state?.heading.subtitle ?? '' });
    for (const { frame, laid } of state?.clusters ?? []) {
      const cluster = shifted(frame, place);
      drawing.clusters.push({ ...cluster, scope: laid.scope, owner: node.id });
      const title = laid.scope.title === undefined ? 0 : CLUSTER_TITLE;
      draw(laid, { x: cluster.x + CLUSTER_PADDING, y: cluster.y + CLUSTER_PADDING + title }, drawing);
    }
  }
  for (const route of placed.routes) drawing.routes.push(moved(route, at));
}
