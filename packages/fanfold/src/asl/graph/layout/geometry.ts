/** Where everything of a graph stands, in pixels from the top left corner. */
import type { GraphEdge, GraphNode, GraphScope } from '../graph.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Rectangle = Point & Size;

/** A drawing. All coordinates are absolute; what lies around comes before what lies inside. */
export interface Layout extends Size {
  readonly boxes: readonly Box[];
  readonly clusters: readonly Cluster[];
  readonly routes: readonly Route[];
}

/** A node. A state that holds scopes has its texts at the top and the clusters below them. */
export interface Box extends Rectangle {
  readonly node: GraphNode;
  /** The name of a state, in lines; none for the start and the end. */
  readonly title: readonly string[];
  /** Its type and what it does, in one line. */
  readonly subtitle: string;
}

/** A scope inside of the box of its state. */
export interface Cluster extends Rectangle {
  readonly scope: GraphScope;
  /** The id of the state. */
  readonly owner: string;
}

/** An edge: its points from one box to the other, and the room of its label. */
export interface Route {
  readonly edge: GraphEdge;
  readonly points: readonly Point[];
  readonly label?: Label;
}

export interface Label extends Rectangle {
  readonly lines: readonly string[];
}

/** A scope whose nodes and labels have a size and no place yet. */
export interface Sized {
  readonly scope: GraphScope;
  /** Of the nodes, by id. */
  readonly sizes: ReadonlyMap<string, Size>;
  /** Of the labels, by the edge's id. */
  readonly labels: ReadonlyMap<string, Size & { readonly lines: readonly string[] }>;
}

/** A scope laid out, from (0, 0). */
export interface Placed extends Size {
  /** Where the nodes stand, by id. */
  readonly places: ReadonlyMap<string, Rectangle>;
  readonly routes: readonly Route[];
}

export function moved(route: Route, by: Point): Route {
  const { edge, points, label } = route;
  return { edge, points: points.map((point) => shifted(point, by)), ...(label && { label: shifted(label, by) }) };
}

export function shifted<T extends Point>(thing: T, by: Point): T {
  return { ...thing, x: thing.x + by.x, y: thing.y + by.y };
}

/** The same with its top left corner at (0, 0), as large as all that is in it. */
export function fromOrigin(places: ReadonlyMap<string, Rectangle>, routes: readonly Route[]): Placed {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  const hold = ({ x, y, width, height }: Rectangle): void => {
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + width);
    box.bottom = Math.max(box.bottom, y + height);
  };
  for (const place of places.values()) hold(place);
  for (const { points, label } of routes) {
    for (const point of points) hold({ ...point, width: 0, height: 0 });
    if (label) hold(label);
  }
  const by = { x: -box.left, y: -box.top };
  return {
    width: box.right - box.left,
    height: box.bottom - box.top,
    places: new Map([...places].map(([id, place]) => [id, shifted(place, by)])),
    routes: routes.map((route) => moved(route, by)),
  };
}
