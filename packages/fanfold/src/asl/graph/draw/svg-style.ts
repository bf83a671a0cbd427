/** The colours of a drawing, by day and by night. No text of a definition comes in here. */
import { FONT } from '../layout/measures.ts';

interface Colours {
  readonly ground: string;
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly catch: string;
  /** Fill and stroke of the states. */
  readonly states: Readonly<Record<StateColour, readonly [string, string]>>;
}

type StateColour = 'state' | 'choice' | 'wait' | 'succeed' | 'fail' | 'holder';

const DAY: Colours = {
  ground: '#ffffff',
  text: '#1f2328',
  faint: '#59636e',
  line: '#6e7781',
  catch: '#bc4c00',
  states: {
    state: ['#f6f8fa', '#8c959f'],
    choice: ['#ddf4ff', '#0969da'],
    wait: ['#fff8c5', '#9a6700'],
    succeed: ['#dafbe1', '#1a7f37'],
    fail: ['#ffebe9', '#cf222e'],
    holder: ['#ffffff', '#8250df'],
  },
};

const NIGHT: Colours = {
  ground: '#0d1117',
  text: '#e6edf3',
  faint: '#9da7b3',
  line: '#8b949e',
  catch: '#f0883e',
  states: {
    state: ['#161b22', '#6e7681'],
    choice: ['#0c2d6b', '#58a6ff'],
    wait: ['#341a00', '#d29922'],
    succeed: ['#0f2a17', '#3fb950'],
    fail: ['#3c0b0e', '#f85149'],
    holder: ['#0d1117', '#a371f7'],
  },
};

function rules({ ground, text, faint, line, catch: caught, states }: Colours): string {
  const of = (selector: string, style: string): string => `.fanfold-graph ${selector}{${style}}`;
  return [
    of('.ground', `fill:${ground}`),
    of('text', `fill:${text}`),
    of('.faint', `fill:${faint}`),
    of('.label rect', `fill:${ground}`),
    of('.cluster', `stroke:${faint}`),
    of('.edge', `stroke:${line}`),
    of('.edge.catch', `stroke:${caught}`),
    of('.head', `fill:${line}`),
    of('.head.catch', `fill:${caught}`),
    of('.marker', `fill:${text};stroke:${text}`),
    of('.ring', `stroke:${text}`),
    ...Object.entries(states).map(([name, [fill, stroke]]) => of(`.${name}`, `fill:${fill};stroke:${stroke}`)),
  ].join('');
}

const SHAPES = [
  `.fanfold-graph text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;text-anchor:middle}`,
  `.fanfold-graph .title{font-size:${FONT.title}px;font-weight:600}`,
  `.fanfold-graph .subtitle{font-size:${FONT.subtitle}px}`,
  `.fanfold-graph .label text{font-size:${FONT.label}px}`,
  `.fanfold-graph .cluster{fill:none;stroke-dasharray:2 3}`,
  `.fanfold-graph .edge{fill:none;stroke-width:1.3}`,
  `.fanfold-graph .edge.catch{stroke-dasharray:5 3}`,
  `.fanfold-graph .ring{fill:none;stroke-width:1.5}`,
  `.fanfold-graph .shape{stroke-width:1.3}`,
].join('');

export const STYLE: string = `${SHAPES}${rules(DAY)}@media (prefers-color-scheme:dark){${rules(NIGHT)}}`;
