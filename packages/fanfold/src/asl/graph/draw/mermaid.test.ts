import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_DEFINITION } from '../../../testing/definitions.fixture.ts';
import { readMermaid } from '../../../testing/drawings.fixture.ts';
import { scopesOf } from '../graph.ts';
import { graphOf } from '../graph-of.ts';
import { visible } from '../../../visible.ts';
import { toMermaid } from './mermaid.ts';

describe('a Mermaid chart', () => {
  it('reads as it should', () => {
    const graph = graphOf({
      StartAt: 'Any?',
      States: {
        'Any?': { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 0, Next: 'Each' }], Default: 'end' },
        Each: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'In', States: { In: { Type: 'Pass', End: true } } }],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'end' }],
          End: true,
        },
        end: { Type: 'Fail' },
      },
    });
    expect(toMermaid(graph, { title: 'Orders' }).split('\n')).toEqual([
      'flowchart TD',
      '  accTitle: Orders',
      '  accDescr: 4 states and 5 transitions, from Any#63; on',
      '  n0(("Start"))',
      '  n1{{"Any#63;<br/>Choice"}}',
      '  subgraph n2["Each<br/>Parallel#58; 1 branch"]',
      '    subgraph n2b0["Branch 1"]',
      '      n3(("Start"))',
      '      n4["In<br/>Pass"]',
      '      n5(("End"))',
      '      n3 --> n4',
      '      n4 --> n5',
      '    end',
      '  end',
      '  n7(("End"))',
      '  n6(["end<br/>Fail"])',
      '  n0 --> n1',
      '  n1 -->|"$.n #62; 0"| n2',
      '  n1 -->|"default"| n6',
      '  n2 --> n7',
      '  n2 -.->|"States.ALL"| n6',
      '',
    ]);
  });

  it.for([
    ['a "b"', 'a #34;b#34;'],
    ['1. a', '1#46; a'],
    ['- a', '#45; a'],
    ['`a`', '#96;a#96;'],
    ['a.b-c_d', 'a.b-c_d'],
    ['_a_', '#95;a#95;'],
    ['$$a$$', '#36;#36;a#36;#36;'],
    ['$.a', '$.a'],
    ['#35;', '#35;35#59;'],
    ['<b>', '#60;b#62;'],
    [' a  b ', '#32;a #32;b#32;'],
    ['a\nb', 'a#92;nb'],
    ['日本 😀', '日本 #128512;'],
    ['%%{init: {}}%%', '#37;#37;#123;init#58; #123;#125;#125;#37;#37;'],
  ])('writes %j as %j', ([name = '', written]) => {
    const chart = toMermaid(graphOf({ StartAt: name, States: { [name]: { Type: 'Succeed' } } }), { title: 'x' });
    expect(chart).toContain(`n1(["${written}<br/>Succeed"])`);
  });

  it('is a chart with every state and every transition, whatever the names are', () => {
    fc.assert(
      fc.property(ANY_DEFINITION, fc.string({ unit: 'binary' }), (definition, title) => {
        const graph = graphOf(definition);
        const chart = readMermaid(toMermaid(graph, { title: title.toWellFormed() }));
        const scopes = [...scopesOf(graph.root)];
        for (const node of scopes.flatMap(({ nodes }) => nodes)) {
          const [name] = (chart.texts.get(node.id) ?? '').split('<br/>');
          if (node.kind === 'state') expect(name).toBe(visible(node.name));
        }
        const edges = scopes.flatMap(({ edges }) =>
          edges.map(({ from, to, kind }) => `${from} ${kind === 'catch'} ${to}`),
        );
        const drawn = chart.edges.map(({ from, to, arrow }) => `${from} ${arrow === '-.->'} ${to}`);
        expect(drawn.toSorted()).toEqual(edges.toSorted());
        expect(chart.title).toBe(visible(title.toWellFormed()));
      }),
    );
  });
});
