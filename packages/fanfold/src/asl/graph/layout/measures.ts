/** How large things are drawn. Whoever paints a layout keeps to the fonts and lines given here. */
import type { GraphEdge, StateNode } from '../graph.ts';
import { visible } from '../../../visible.ts';
import type { Size } from './geometry.ts';
import { textWidth, wrap } from './text-size.ts';

export const FONT = { title: 13, subtitle: 11, label: 11 } as const;
export const LINE = { title: 17, subtitle: 15, label: 14 } as const;
/** Between the edge of a box and its text. */
export const PADDING = { x: 14, y: 8 } as const;
/** Of the start and the end. */
export const MARKER: Size = { width: 16, height: 16 };
/** Room above the content of a cluster that has a title. */
export const CLUSTER_TITLE = 18;

const TITLE_WIDTH = 220;
const TITLE_LINES = 3;
const SUBTITLE_WIDTH = 240;
const LABEL_WIDTH = 170;
const LABEL_LINES = 3;
const LABEL_PADDING = 4;
const MIN_WIDTH = 84;

export interface Heading extends Size {
  readonly title: readonly string[];
  readonly subtitle: string;
}

/** The texts of a state, and the size of a box that holds just them. */
export function headingOf({ name, type, detail }: StateNode): Heading {
  const title = wrap(visible(name), FONT.title, TITLE_WIDTH, TITLE_LINES);
  const [subtitle = type] = wrap(detail === undefined ? type : `${type}: ${detail}`, FONT.subtitle, SUBTITLE_WIDTH, 1);
  const widths = [...title.map((line) => textWidth(line, FONT.title)), textWidth(subtitle, FONT.subtitle), MIN_WIDTH];
  return {
    title,
    subtitle,
    width: Math.ceil(Math.max(...widths)) + 2 * PADDING.x,
    height: title.length * LINE.title + LINE.subtitle + 2 * PADDING.y,
  };
}

export function labelOf({ label }: GraphEdge): (Size & { readonly lines: readonly string[] }) | undefined {
  if (label === undefined) return undefined;
  const lines = wrap(label, FONT.label, LABEL_WIDTH, LABEL_LINES);
  const width = Math.max(...lines.map((line) => textWidth(line, FONT.label)));
  return { lines, width: Math.ceil(width) + 2 * LABEL_PADDING, height: lines.length * LINE.label + LABEL_PADDING };
}
