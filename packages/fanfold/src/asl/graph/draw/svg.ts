/**
 * Paints a graph as SVG that stands alone: no script, no link, no font or style from elsewhere. Every text that comes from a
 * definition passes `escape`. States and edges carry `data-state`, `data-from`, `data-to` and `data-kind`.
 */
import type { StateType } from '../../definition.ts';
import type { Graph, GraphNode, StateNode } from '../graph.ts';
import type { Box, Cluster, Point, Rectangle, Route } from '../layout/geometry.ts';
import { layOut } from '../layout/layout.ts';
import { CLUSTER_TITLE, FONT, LINE, PADDING } from '../layout/measures.ts';
import { visible } from '../../../visible.ts';
import { account, omission } from './summary.ts';
import { STYLE } from './svg-style.ts';

export interface SvgOptions {
  /** What the drawing is called. */
  readonly title: string;
}

/** @returns an XML document, ended by a line feed */
export function toSvg(graph: Graph, { title }: SvgOptions): string {
  const { width, height, boxes, clusters, routes } = layOut(graph);
  const note = omission(graph);
  const size = {
    width: round(Math.max(width, note === undefined ? 0 : NOTE.width)),
    height: round(height + (note === undefined ? 0 : NOTE.height)),
  };
  const names = new Map(boxes.map(({ node }) => [node.id, nameOf(node)]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="fanfold-graph" width="${size.width}" height="${size.height}" `,
    `viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="fanfold-title fanfold-about">\n`,
    `<title id="fanfold-title">${escape(visible(title))}</title>\n`,
    `<desc id="fanfold-about">${escape(account(graph))}</desc>\n`,
    `<style>${STYLE}</style>\n`,
    `<defs>${arrowhead('next')}${arrowhead('catch')}</defs>\n`,
    '<rect class="ground" width="100%" height="100%"/>\n',
    ...boxes.map(paintBox),
    ...clusters.map(paintCluster),
    ...routes.map((route) => paintRoute(route, names)),
    ...routes.map(paintLabel),
    ...(note === undefined ? [] : [words('subtitle', NOTE.width / 2, height + NOTE.height / 2, note)]),
    '</svg>\n',
  ].join('');
}

const NOTE = { width: 560, height: 28 } as const;

function nameOf(node: GraphNode): string {
  return node.kind === 'state' ? visible(node.name) : node.kind;
}

function paintBox(box: Box): string {
  const { node } = box;
  return node.kind === 'state' ? paintState(box, node) : paintMarker(box, node.kind);
}

function paintMarker({ x, y, width, height }: Box, kind: 'start' | 'end'): string {
  const at = `cx="${round(x + width / 2)}" cy="${round(y + height / 2)}"`;
  const ring = kind === 'end' ? `<circle class="ring" ${at} r="${width / 2 - 1}"/>` : '';
  const dot = `<circle class="marker" ${at} r="${width / 2 - (kind === 'end' ? 4 : 2)}"/>`;
  return `<g><title>${kind === 'start' ? 'Start' : 'End'}</title>${ring}${dot}</g>\n`;
}

const COLOURS: Readonly<Record<StateType, string>> = {
  Task: 'state',
  Pass: 'state',
  Choice: 'choice',
  Wait: 'wait',
  Succeed: 'succeed',
  Fail: 'fail',
  Map: 'holder',
  Parallel: 'holder',
};

function paintState(box: Box, node: StateNode): string {
  const { name, type, detail, scopes } = node;
  const middle = box.x + box.width / 2;
  const texts = box.title.length * LINE.title + LINE.subtitle;
  const top = box.y + (scopes.length > 0 ? PADDING.y : (box.height - texts) / 2);
  return [
    `<g data-state="${escape(visible(name))}">`,
    `<title>${escape(`${visible(name)} (${type}${detail === undefined ? '' : `: ${detail}`})`)}</title>`,
    shapeOf(box, type),
    ...box.title.map((line, i) => words('title', middle, top + (i + 0.5) * LINE.title, line)),
    words('subtitle faint', middle, top + box.title.length * LINE.title + LINE.subtitle / 2, box.subtitle),
    '</g>\n',
  ].join('');
}

/** How far the pointed ends of a Choice reach in. */
const POINT = 10;

function shapeOf(box: Rectangle, type: StateType): string {
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(round) as [number, number, number, number];
  const style = `class="shape ${COLOURS[type]}"`;
  if (type === 'Choice') {
    const points = [
      [x + POINT, y],
      [x + width - POINT, y],
      [x + width, y + height / 2],
      [x + width - POINT, y + height],
      [x + POINT, y + height],
      [x, y + height / 2],
    ];
    return `<polygon ${style} points="${points.map(([px = 0, py = 0]) => `${round(px)},${round(py)}`).join(' ')}"/>`;
  }
  const radius = type === 'Succeed' || type === 'Fail' ? Math.min(height / 2, 24) : 6;
  return `<rect ${style} x="${x}" y="${y}" width="${width}" height="${height}" rx="${round(radius)}"/>`;
}

function paintCluster({ x, y, width, height, scope: { title } }: Cluster): string {
  const frame = `<rect class="cluster" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="4"/>`;
  const name = title === undefined ? '' : words('subtitle faint', x + width / 2, y + CLUSTER_TITLE / 2 + 3, title);
  return `${frame}${name}\n`;
}

function paintRoute({ edge, points }: Route, names: ReadonlyMap<string, string>): string {
  const { kind, from, to, label } = edge;
  const look = kind === 'catch' ? 'catch' : 'next';
  const [start, end] = [names.get(from) ?? from, names.get(to) ?? to];
  const told = `${start} → ${end}${label === undefined ? '' : `: ${kind === 'catch' ? 'catches ' : ''}${label}`}`;
  return [
    `<g data-from="${escape(start)}" data-to="${escape(end)}" data-kind="${kind}"><title>${escape(told)}</title>`,
    `<path class="edge ${look}" d="${rounded(points)}" marker-end="url(#fanfold-${look})"/></g>\n`,
  ].join('');
}

function paintLabel({ label }: Route): string {
  if (!label) return '';
  const { x, y, width, height, lines } = label;
  const top = y + (height - lines.length * LINE.label) / 2;
  const texts = lines.map((line, i) => words('faint', x + width / 2, top + (i + 0.5) * LINE.label, line));
  const ground = `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/>`;
  return `<g class="label">${ground}${texts.join('')}</g>\n`;
}

function arrowhead(look: string): string {
  return [
    `<marker id="fanfold-${look}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"`,
    ` markerUnits="userSpaceOnUse" orient="auto"><path class="head ${look}" d="M0 0L8 4L0 8z"/></marker>`,
  ].join('');
}

/** A line of text around a middle, without counting on `dominant-baseline`. */
function words(style: string, x: number, y: number, text: string): string {
  const drop = (style.startsWith('title') ? FONT.title : FONT.subtitle) * 0.35;
  return `<text class="${style}" x="${round(x)}" y="${round(y + drop)}">${escape(text)}</text>`;
}

const CORNER = 14;

/** A line through the points, its corners rounded. */
function rounded(points: readonly Point[]): string {
  return points
    .map((point, i) => {
      const [before, after] = [points[i - 1], points[i + 1]];
      if (!before) return `M${place(point)}`;
      if (!after) return `L${place(point)}`;
      return `L${place(towards(point, before))}Q${place(point)} ${place(towards(point, after))}`;
    })
    .join('');
}

/** The place on the way to the other point where the corner begins: at most half way. */
function towards(point: Point, other: Point): Point {
  const length = Math.hypot(other.x - point.x, other.y - point.y);
  const part = length === 0 ? 0 : Math.min(CORNER, length / 2) / length;
  return { x: point.x + (other.x - point.x) * part, y: point.y + (other.y - point.y) * part };
}

function place({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes. @param text one that passed `visible` */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
