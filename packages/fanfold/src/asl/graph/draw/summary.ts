/** What a drawing shows, and what it leaves out, in a few words. */
import { type Graph, scopesOf } from '../graph.ts';
import { visible } from '../../../visible.ts';

export function summary(graph: Graph): string {
  const scopes = [...scopesOf(graph.root)];
  const states = scopes.reduce((sum, { nodes }) => sum + nodes.filter(({ kind }) => kind === 'state').length, 0);
  const transitions = scopes.reduce((sum, { edges }) => sum + edges.filter(({ kind }) => kind !== 'start').length, 0);
  const start = graph.root.edges.find(({ kind }) => kind === 'start')?.to;
  const first = graph.root.nodes.find(({ id }) => id === start);
  const counted = `${count(states, 'state')} and ${count(transitions, 'transition')}`;
  return first?.kind === 'state' ? `${counted}, from ${visible(first.name)} on` : counted;
}

/** What the drawing leaves out; undefined when it shows everything. */
export function omission({ omitted: { states, transitions } }: Graph): string | undefined {
  if (states + transitions === 0) return undefined;
  return `${count(states, 'state')} and ${count(transitions, 'transition')} more are not drawn: the machine is too large`;
}

/** Both, where something is left out. */
export function account(graph: Graph): string {
  const left = omission(graph);
  return left === undefined ? summary(graph) : `${summary(graph)}; ${left}`;
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
}
