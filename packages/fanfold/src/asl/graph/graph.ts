/** A state machine as boxes and arrows, before anything is drawn. Plain data: each way of drawing starts from it. */
import type { StateType } from '../definition.ts';
import type { Pointer } from '../source/source.ts';

export interface Graph {
  readonly root: GraphScope;
  /** What was left out because the machine is too large to be drawn as a whole. */
  readonly omitted: Omitted;
}

export interface Omitted {
  readonly states: number;
  readonly transitions: number;
}

/** The machine itself, a branch of a Parallel, or what a Map runs for each item. No edge leaves its scope. */
export interface GraphScope {
  /** Of the block in the definition; empty for the machine. */
  readonly pointer: Pointer;
  /** `Branch 1`; undefined where there is only one. */
  readonly title?: string;
  /** The start, the states in the order of the definition, and the end if a state leads there. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export type GraphNode = StateNode | MarkerNode;

export interface StateNode {
  readonly kind: 'state';
  /** Unique in the graph, and a plain word: `n12`. */
  readonly id: string;
  readonly name: string;
  readonly type: StateType;
  /** What the state does, in a few words: the resource, the seconds, the number of branches. */
  readonly detail?: string;
  readonly pointer: Pointer;
  /** What a Map or a Parallel holds. */
  readonly scopes: readonly GraphScope[];
}

export interface MarkerNode {
  readonly kind: 'start' | 'end';
  readonly id: string;
}

/** Where a transition stands in the definition, `start` being StartAt and `end` an End or a Succeed state. */
export type EdgeKind = 'start' | 'next' | 'choice' | 'default' | 'catch' | 'end';

export interface GraphEdge {
  /** Unique in the graph, and a plain word: `e12`. */
  readonly id: string;
  readonly kind: EdgeKind;
  /** Ids of nodes of the same scope. */
  readonly from: string;
  readonly to: string;
  /** The condition of a choice, the errors of a catch, `default`; undefined where there is nothing to say. */
  readonly label?: string;
}

/** Every scope, outer ones first. */
export function* scopesOf(scope: GraphScope): Generator<GraphScope> {
  yield scope;
  for (const node of scope.nodes) {
    if (node.kind === 'state') for (const inner of node.scopes) yield* scopesOf(inner);
  }
}
