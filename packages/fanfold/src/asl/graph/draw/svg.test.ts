import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_DEFINITION } from '../../../testing/definitions.fixture.ts';
import { readSvg, type SvgElement } from '../../../testing/drawings.fixture.ts';
import { scopesOf } from '../graph.ts';
import { graphOf } from '../graph-of.ts';
import { visible } from '../../../visible.ts';
import { toSvg } from './svg.ts';

/** All that a drawing is made of. Nothing here can run, load or link. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  svg: ['xmlns', 'class', 'width', 'height', 'viewBox', 'role', 'aria-labelledby'],
  title: ['id'],
  desc: ['id'],
  style: [],
  defs: [],
  marker: ['id', 'viewBox', 'refX', 'refY', 'markerWidth', 'markerHeight', 'markerUnits', 'orient'],
  g: ['class', 'data-state', 'data-from', 'data-to', 'data-kind'],
  rect: ['class', 'x', 'y', 'width', 'height', 'rx'],
  polygon: ['class', 'points'],
  circle: ['class', 'cx', 'cy', 'r'],
  path: ['class', 'd', 'marker-end'],
  text: ['class', 'x', 'y'],
};

describe('an SVG', () => {
  it('is well-formed, and has nothing in it that runs, loads or links, whatever the names are', () => {
    fc.assert(
      fc.property(ANY_DEFINITION, fc.string({ unit: 'binary' }), (definition, title) => {
        const elements = readSvg(toSvg(graphOf(definition), { title: title.toWellFormed() }));
        for (const { name, attributes } of elements) {
          expect(ELEMENTS).toHaveProperty(name);
          expect(ELEMENTS[name]).toEqual(expect.arrayContaining(Object.keys(attributes)));
        }
        const drawn = elements.filter(({ attributes }) => 'marker-end' in attributes);
        for (const { attributes } of drawn) expect(attributes['marker-end']).toMatch(/^url\(#fanfold-(next|catch)\)$/);
      }),
    );
  });

  it('shows every state and every transition', () => {
    fc.assert(
      fc.property(ANY_DEFINITION, (definition) => {
        const graph = graphOf(definition);
        const elements = readSvg(toSvg(graph, { title: 'x' }));
        const scopes = [...scopesOf(graph.root)];
        const states = scopes.flatMap(({ nodes }) => nodes.filter((node) => node.kind === 'state'));
        expect(values(elements, 'data-state')).toEqual(states.map(({ name }) => visible(name)).toSorted());
        expect(values(elements, 'data-kind')).toEqual(
          scopes.flatMap(({ edges }) => edges.map(({ kind }) => kind)).toSorted(),
        );
      }),
    );
  });

  it('says what it shows, for those who do not see it', () => {
    const svg = toSvg(graphOf({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }), { title: 'a <b> & "c"' });
    const [root, title, about] = readSvg(svg);
    expect(root?.attributes).toMatchObject({ role: 'img', 'aria-labelledby': 'fanfold-title fanfold-about' });
    expect(title).toMatchObject({ attributes: { id: 'fanfold-title' }, text: 'a <b> & "c"' });
    expect(about).toMatchObject({ attributes: { id: 'fanfold-about' }, text: '1 state and 1 transition, from A on' });
  });

  it('has colours for the day and for the night', () => {
    const svg = toSvg(graphOf({ StartAt: 'A', States: { A: { Type: 'Succeed' } } }), { title: 'x' });
    const style = readSvg(svg).find(({ name }) => name === 'style')?.text ?? '';
    const [day = '', night = ''] = style.split('@media (prefers-color-scheme:dark)');
    for (const selector of ['.ground', 'text', '.faint', '.edge', '.edge.catch', '.head', '.fail', '.succeed'])
      for (const colours of [day, night]) expect(colours).toContain(`.fanfold-graph ${selector}{`);
  });

  it('says what it leaves out', () => {
    const definition = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Succeed' } } } as const;
    const elements = readSvg(toSvg(graphOf(definition, { maxStates: 1 }), { title: 'x' }));
    const note = '1 state and 2 transitions more are not drawn: the machine is too large';
    expect(elements.filter(({ text }) => text.includes(note)).map(({ name }) => name)).toEqual(['desc', 'text']);
  });
});

function values(elements: readonly SvgElement[], attribute: string): string[] {
  return elements.flatMap(({ attributes }) => attributes[attribute] ?? []).toSorted();
}
