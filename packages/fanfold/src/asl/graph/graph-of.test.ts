import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_DEFINITION } from '../../testing/definitions.fixture.ts';
import type { BlockDefinition, Definition, StateDefinition } from '../definition.ts';
import { inFlow } from './flow.ts';
import { type GraphScope, scopesOf } from './graph.ts';
import { graphOf } from './graph-of.ts';

const ORDERS: Definition = {
  StartAt: 'Split',
  States: {
    Split: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:Split' },
      Next: 'Any?',
      Catch: [{ ErrorEquals: ['NoFile', 'States.Timeout'], Next: 'Tell' }],
    },
    'Any?': {
      Type: 'Choice',
      Choices: [{ Variable: '$.count', NumericGreaterThan: 0, Next: 'Each' }],
      Default: 'Tell',
    },
    Each: {
      Type: 'Map',
      MaxConcurrency: 4,
      ItemProcessor: { StartAt: 'Work', States: { Work: { Type: 'Pass', End: true } } },
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Left', States: { Left: { Type: 'Wait', Seconds: 2, End: true } } },
        { StartAt: 'Right', States: { Right: { Type: 'Fail', Error: 'Never' } } },
      ],
      End: true,
    },
    Tell: { Type: 'Succeed' },
  },
};

/** The edges in words, and those of inner scopes below them. */
function told(scope: GraphScope): unknown[] {
  const names = new Map(scope.nodes.map((node) => [node.id, node.kind === 'state' ? node.name : `(${node.kind})`]));
  const edges = scope.edges.map(({ kind, from, to, label }) => {
    const way = `${names.get(from)} > ${names.get(to)}`;
    return label === undefined ? `${kind}: ${way}` : `${kind}: ${way}: ${label}`;
  });
  const inner = scope.nodes.flatMap((node) =>
    node.kind === 'state' ? node.scopes.map((found) => ({ in: node.name, as: found.title, edges: told(found) })) : [],
  );
  return [...edges, ...inner];
}

describe('the graph of a definition', () => {
  const { root } = graphOf(ORDERS);

  it('has every transition, with what it says', () => {
    expect(told(root)).toEqual([
      'start: (start) > Split',
      'next: Split > Any?',
      'catch: Split > Tell: NoFile, States.Timeout',
      'choice: Any? > Each: $.count > 0',
      'default: Any? > Tell: default',
      'next: Each > Both',
      'end: Both > (end)',
      'end: Tell > (end)',
      { in: 'Each', as: undefined, edges: ['start: (start) > Work', 'end: Work > (end)'] },
      { in: 'Both', as: 'Branch 1', edges: ['start: (start) > Left', 'end: Left > (end)'] },
      { in: 'Both', as: 'Branch 2', edges: ['start: (start) > Right'] },
    ]);
  });

  it('has types, details and places of the states', () => {
    const states = [...scopesOf(root)].flatMap(({ nodes }) => nodes.filter((node) => node.kind === 'state'));
    expect(states.map(({ name, type, detail, pointer }) => [name, type, detail, pointer.join('/')])).toEqual([
      ['Split', 'Task', 'lambda:invoke Split', 'States/Split'],
      ['Any?', 'Choice', undefined, 'States/Any?'],
      ['Each', 'Map', 'inline, at most 4 at once', 'States/Each'],
      ['Both', 'Parallel', '2 branches', 'States/Both'],
      ['Tell', 'Succeed', undefined, 'States/Tell'],
      ['Work', 'Pass', undefined, 'States/Each/ItemProcessor/States/Work'],
      ['Left', 'Wait', '2 s', 'States/Both/Branches/0/States/Left'],
      ['Right', 'Fail', 'Never', 'States/Both/Branches/1/States/Right'],
    ]);
  });

  it.for([
    ['arn:aws:lambda:eu-west-1:123456789012:function:Hello:live', 'function Hello:live'],
    ['arn:aws:states:eu-west-1:123456789012:activity:Count', 'activity Count'],
    ['arn:aws:states:::states:startExecution.sync:2', 'states:startExecution.sync:2'],
    ['arn:aws:states:::aws-sdk:s3:getObject', 'aws-sdk:s3:getObject'],
    ['${Hello}', '${Hello}'],
  ])('says of the resource %s: %s', ([resource = '', detail]) => {
    const graph = graphOf({ StartAt: 'A', States: { A: { Type: 'Task', Resource: resource, End: true } } });
    expect(graph.root.nodes[1]).toMatchObject({ detail });
  });

  it.for([
    [{ Seconds: '{% $n %}' }, '$n s'],
    [{ SecondsPath: '$.n' }, '$.n s'],
    [{ Timestamp: '2030-01-01T00:00:00Z' }, 'until 2030-01-01T00:00:00Z'],
    [{ TimestampPath: '$.t' }, 'until $.t'],
  ] as const)('says of a wait %j: %s', ([fields, detail]) => {
    const graph = graphOf({ StartAt: 'A', States: { A: { Type: 'Wait', ...fields, End: true } } });
    expect(graph.root.nodes[1]).toMatchObject({ detail });
  });

  it('orders a scope by its flow, and what catches errors last', () => {
    const names = inFlow(root).map((node) => (node.kind === 'state' ? node.name : node.kind));
    expect(names).toEqual(['start', 'Split', 'Any?', 'Each', 'Both', 'Tell', 'end']);
  });

  it('has every state and every transition of any machine, once', () => {
    fc.assert(
      fc.property(ANY_DEFINITION, (definition) => {
        const { root, omitted } = graphOf(definition);
        const scopes = [...scopesOf(root)];
        const counted = count(definition);
        expect(omitted).toEqual({ states: 0, transitions: 0 });
        expect(scopes.flatMap(({ nodes }) => nodes.filter(({ kind }) => kind === 'state'))).toHaveLength(
          counted.states,
        );
        expect(scopes.flatMap(({ edges }) => edges)).toHaveLength(counted.transitions);
        for (const scope of scopes) {
          const known = new Set(scope.nodes.map(({ id }) => id));
          for (const { from, to } of scope.edges) expect([known.has(from), known.has(to)]).toEqual([true, true]);
          expect(new Set(inFlow(scope))).toEqual(new Set(scope.nodes));
        }
        const ids = scopes.flatMap(({ nodes, edges }) => [...nodes, ...edges].map(({ id }) => id));
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it('leaves out what is too much, and counts it', () => {
    fc.assert(
      fc.property(ANY_DEFINITION, fc.nat(8), fc.nat(12), (definition, maxStates, maxTransitions) => {
        const { root, omitted } = graphOf(definition, { maxStates, maxTransitions });
        const scopes = [...scopesOf(root)];
        const states = scopes.flatMap(({ nodes }) => nodes.filter(({ kind }) => kind === 'state')).length;
        const transitions = scopes.flatMap(({ edges }) => edges).length;
        expect(states).toBeLessThanOrEqual(maxStates);
        expect(transitions).toBeLessThanOrEqual(maxTransitions);
        expect([states + omitted.states, transitions + omitted.transitions]).toEqual(Object.values(count(definition)));
      }),
    );
  });
});

/** Counted by hand, from the definition. */
function count(block: BlockDefinition): { states: number; transitions: number } {
  const inner = Object.values(block.States).flatMap((state) => blocksOf(state).map(count));
  const states = Object.keys(block.States).length + inner.reduce((sum, { states }) => sum + states, 0);
  const own = Object.values(block.States).reduce((sum, state) => sum + leaving(state), 1);
  return { states, transitions: own + inner.reduce((sum, { transitions }) => sum + transitions, 0) };
}

function blocksOf(state: StateDefinition): readonly BlockDefinition[] {
  if (state.Type === 'Parallel') return state.Branches;
  return state.Type === 'Map' && state.ItemProcessor ? [state.ItemProcessor] : [];
}

function leaving(state: StateDefinition): number {
  if (state.Type === 'Choice') return state.Choices.length + (state.Default === undefined ? 0 : 1);
  if (state.Type === 'Succeed') return 1;
  if (state.Type === 'Fail') return 0;
  return 1 + ('Catch' in state ? (state.Catch ?? []).length : 0);
}
