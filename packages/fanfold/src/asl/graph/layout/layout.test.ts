import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_DEFINITION } from '../../../testing/definitions.fixture.ts';
import type { Definition, StateDefinition } from '../../definition.ts';
import { type Graph, scopesOf } from '../graph.ts';
import { graphOf } from '../graph-of.ts';
import type { Box, Layout, Point, Rectangle } from './geometry.ts';
import { type LayoutOptions, layOut } from './layout.ts';

const WAYS: readonly (readonly [string, LayoutOptions])[] = [
  ['in layers', {}],
  ['in columns', { maxWork: 0 }],
];

describe.for(WAYS)('a drawing %s', ([, options]) => {
  it('has every node and every edge once', () => {
    each(options, ({ root }, { boxes, clusters, routes }) => {
      const scopes = [...scopesOf(root)];
      expect(sorted(boxes.map(({ node }) => node.id))).toEqual(sorted(scopes.flatMap(idsOfNodes)));
      expect(sorted(routes.map(({ edge }) => edge.id))).toEqual(sorted(scopes.flatMap(idsOfEdges)));
      expect(new Set(clusters.map(({ scope }) => scope))).toEqual(new Set(scopes.slice(1)));
    });
  });

  it('has no box on another, and each inside of its cluster', () => {
    each(options, (graph, layout) => {
      for (const { boxes, frame } of families(graph, layout)) {
        for (const [i, box] of boxes.entries()) {
          expect(holds(frame, box)).toBe(true);
          for (const other of boxes.slice(i + 1)) expect(overlap(box, other)).toBe(false);
        }
      }
      for (const [i, cluster] of layout.clusters.entries()) {
        expect(holds(boxOf(layout, cluster.owner), cluster)).toBe(true);
        for (const other of layout.clusters.slice(i + 1))
          if (other.owner === cluster.owner) expect(overlap(cluster, other)).toBe(false);
      }
    });
  });

  it('has edges that go from border to border and through no box', () => {
    each(options, (graph, layout) => {
      for (const { boxes, routes, frame } of families(graph, layout)) {
        for (const { edge, points } of routes) {
          const [start, end] = [points[0] as Point, points.at(-1) as Point];
          expect(onBorder(boxOf(layout, edge.from), start), `${edge.id} starts at its box`).toBe(true);
          expect(onBorder(boxOf(layout, edge.to), end), `${edge.id} ends at its box`).toBe(true);
          for (const point of points) expect(holds(frame, { ...point, width: 0, height: 0 })).toBe(true);
          for (const box of boxes) expect(cuts(points, box), `${edge.id} cuts ${box.node.id}`).toBe(false);
        }
      }
    });
  });

  it('has labels that hide no box and no other label', () => {
    each(options, (graph, layout) => {
      for (const { boxes, routes, frame } of families(graph, layout)) {
        const labels = routes.flatMap(({ label }) => label ?? []);
        for (const [i, label] of labels.entries()) {
          expect(holds(frame, label)).toBe(true);
          for (const other of [...boxes, ...labels.slice(i + 1)]) expect(overlap(label, other)).toBe(false);
        }
      }
    });
  });
});

it('is the same each time', () => {
  fc.assert(
    fc.property(
      ANY_DEFINITION,
      (definition) => void expect(layOut(graphOf(definition))).toEqual(layOut(graphOf(definition))),
    ),
  );
});

describe('a large machine', () => {
  const LAST = 9_999;
  const SHAPES: Readonly<Record<string, (i: number) => StateDefinition>> = {
    'in a chain': (i) => ({ Type: 'Pass', ...onwards(i) }),
    'with one state that catches all': (i) => ({
      Type: 'Task',
      Resource: 'x',
      ...onwards(i),
      Catch: [{ ErrorEquals: ['States.ALL'], Next: `s${LAST}` }],
    }),
    'of choices that lead anywhere': (i) => ({
      Type: 'Choice',
      Choices: [1, 2, 3].map((n) => ({
        Variable: '$.x',
        NumericEquals: n,
        Next: `s${(i * 7919 * n + 13) % (LAST + 1)}`,
      })),
    }),
    'of states that hold others': (i) => ({
      Type: 'Map',
      ItemProcessor: { StartAt: `in${i}`, States: { [`in${i}`]: { Type: 'Pass', End: true } } },
      ...onwards(i),
    }),
  };

  function onwards(i: number): { readonly Next: string } | { readonly End: true } {
    return i === LAST ? { End: true } : { Next: `s${i + 1}` };
  }

  it.for(Object.keys(SHAPES))('%s has a place for everything', (shape) => {
    const states = Array.from({ length: LAST + 1 }, (_, i) => [`s${i}`, SHAPES[shape]?.(i)] as const);
    const graph = graphOf({ StartAt: 's0', States: Object.fromEntries(states) } as Definition);
    const { boxes, routes } = layOut(graph);
    const scopes = [...scopesOf(graph.root)];
    expect(graph.omitted).toEqual({ states: 0, transitions: 0 });
    expect(boxes).toHaveLength(scopes.flatMap(idsOfNodes).length);
    expect(routes).toHaveLength(scopes.flatMap(idsOfEdges).length);
  });
});

function each(options: LayoutOptions, check: (graph: Graph, layout: Layout) => void): void {
  fc.assert(
    fc.property(ANY_DEFINITION, (definition) => {
      const graph = graphOf(definition);
      check(graph, layOut(graph, options));
    }),
  );
}

/** What stands in a scope, and the frame around it. */
function families(
  { root }: Graph,
  { width, height, boxes, clusters, routes }: Layout,
): { boxes: readonly Box[]; routes: Layout['routes']; frame: Rectangle }[] {
  const frames = new Map(clusters.map((cluster) => [cluster.scope, cluster as Rectangle]));
  return [...scopesOf(root)].map((scope) => {
    const [nodes, edges] = [new Set(idsOfNodes(scope)), new Set(idsOfEdges(scope))];
    return {
      boxes: boxes.filter(({ node }) => nodes.has(node.id)),
      routes: routes.filter(({ edge }) => edges.has(edge.id)),
      frame: frames.get(scope) ?? { x: 0, y: 0, width, height },
    };
  });
}

function idsOfNodes({ nodes }: Graph['root']): string[] {
  return nodes.map(({ id }) => id);
}

function idsOfEdges({ edges }: Graph['root']): string[] {
  return edges.map(({ id }) => id);
}

function sorted(ids: readonly string[]): string[] {
  return ids.toSorted();
}

function boxOf({ boxes }: Layout, id: string): Rectangle {
  const box = boxes.find(({ node }) => node.id === id);
  if (!box) throw new Error(`There is no box ${id}`);
  return box;
}

/** What sums of fractions may be off. */
const SLACK = 0.01;

function holds(outer: Rectangle, inner: Rectangle): boolean {
  return (
    inner.x >= outer.x - SLACK &&
    inner.y >= outer.y - SLACK &&
    inner.x + inner.width <= outer.x + outer.width + SLACK &&
    inner.y + inner.height <= outer.y + outer.height + SLACK
  );
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return (
    a.x + SLACK < b.x + b.width &&
    b.x + SLACK < a.x + a.width &&
    a.y + SLACK < b.y + b.height &&
    b.y + SLACK < a.y + a.height
  );
}

function onBorder(box: Rectangle, { x, y }: Point): boolean {
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= SLACK;
  const inside = holds(box, { x, y, width: 0, height: 0 });
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  return inside && (near(x, box.x) || near(x, right) || near(y, box.y) || near(y, bottom));
}

/** Whether one of the segments has a point well inside of the box: clipped as Liang and Barsky do. */
function cuts(points: readonly Point[], box: Rectangle): boolean {
  return points.slice(1).some((to, i) => {
    const from = points[i] as Point;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    let [enter, leave] = [0, 1];
    for (const [step, room] of [
      [-dx, from.x - (box.x + 1)],
      [dx, box.x + box.width - 1 - from.x],
      [-dy, from.y - (box.y + 1)],
      [dy, box.y + box.height - 1 - from.y],
    ] as const) {
      if (step === 0 && room < 0) return false;
      if (step < 0) enter = Math.max(enter, room / step);
      if (step > 0) leave = Math.min(leave, room / step);
    }
    return enter < leave;
  });
}
