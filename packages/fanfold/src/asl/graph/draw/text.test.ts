import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_DEFINITION } from '../../../testing/definitions.fixture.ts';
import { scopesOf } from '../graph.ts';
import { graphOf } from '../graph-of.ts';
import { visible } from '../../../visible.ts';
import { toText } from './text.ts';

describe('a drawing in text', () => {
  const graph = graphOf({
    StartAt: 'Any?',
    States: {
      'Any?': { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 0, Next: 'Each' }], Default: 'None' },
      Each: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } },
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'None' }],
        End: true,
      },
      None: { Type: 'Fail', Error: 'Nothing' },
    },
  });

  it('reads from top to bottom', () => {
    expect(toText(graph, { title: 'Orders' }).split('\n')).toEqual([
      'Orders: 4 states and 5 transitions, from Any? on',
      '',
      '● start',
      '↓',
      'Any?  [Choice]',
      '├─ $.n > 0 → Each',
      '├─ default → None',
      '',
      'Each  [Map: inline]',
      '│  ● start',
      '│  ↓',
      '│  In  [Pass]',
      '│  ↓',
      '│  ◉ end',
      '├─ catch States.ALL → None',
      '↓',
      '◉ end',
      '',
      'None  [Fail: Nothing]',
      '',
    ]);
  });

  it('gives every piece to whoever paints it', () => {
    const painted = toText(graph, { title: 'Orders', paint: (role, text) => `<${role}>${text}</>` });
    expect(painted.split('\n').slice(4, 7)).toEqual([
      '<name>Any?</>  <type>[Choice]</>',
      '<line>├─</> <condition>$.n > 0</> <line>→</> <name>Each</>',
      '<line>├─</> <condition>default</> <line>→</> <bad>None</>',
    ]);
  });

  it('names every state and every transition, and steers no terminal', () => {
    fc.assert(
      fc.property(ANY_DEFINITION, (definition) => {
        const graph = graphOf(definition);
        const text = toText(graph, { title: 'x' });
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        const lines = text.split('\n').map((line) => line.replace(/^(?:│ {2})*/, ''));
        const scopes = [...scopesOf(graph.root)];
        for (const { name, type } of scopes.flatMap(({ nodes }) => nodes.filter((node) => node.kind === 'state')))
          expect(lines.filter((line) => line.startsWith(`${visible(name)}  [${type}`))).toHaveLength(1);
        const arrows = lines.filter((line) => line === '↓' || /^├(→|─ .* →) /u.test(line));
        expect(arrows).toHaveLength(scopes.flatMap(({ edges }) => edges).length);
      }),
    );
  });
});
