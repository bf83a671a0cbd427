/** Turns a definition into a graph. */
import type { Pointer } from '../source/source.ts';
import type {
  BlockDefinition,
  Catcher,
  ChoiceDefinition,
  Definition,
  MapDefinition,
  ParallelDefinition,
  StateDefinition,
} from '../definition.ts';
import { describeRule } from './condition.ts';
import { detailOf } from './detail.ts';
import type { EdgeKind, Graph, GraphEdge, GraphNode, GraphScope, MarkerNode, StateNode } from './graph.ts';
import { shorten } from './words.ts';
import { visible } from '../../visible.ts';

export interface GraphOptions {
  /** States beyond are left out, with their transitions. @defaultValue 20,000 */
  readonly maxStates?: number;
  /** Transitions beyond are left out. @defaultValue 50,000 */
  readonly maxTransitions?: number;
}

const MAX_STATES = 20_000;
const MAX_TRANSITIONS = 50_000;
/** In characters. */
const MAX_LABEL = 200;

/** @param definition one without errors (see parseDefinitionSource) */
export function graphOf(definition: Definition, options: GraphOptions = {}): Graph {
  const { maxStates = MAX_STATES, maxTransitions = MAX_TRANSITIONS } = options;
  const walk = new Walk(maxStates, maxTransitions);
  const root = walk.scope(definition, []);
  return { root, omitted: { states: walk.omittedStates, transitions: walk.omittedTransitions } };
}

interface Transition {
  readonly kind: EdgeKind;
  /** Undefined is the end. */
  readonly to: string | undefined;
  /** Made when it is drawn, and not for what is left out. */
  readonly label?: () => string;
}

/** Numbers what it meets, and counts what it leaves out. */
class Walk {
  omittedStates = 0;
  omittedTransitions = 0;
  #states = 0;
  #transitions = 0;
  #nodes = 0;
  readonly #maxStates: number;
  readonly #maxTransitions: number;

  constructor(maxStates: number, maxTransitions: number) {
    this.#maxStates = maxStates;
    this.#maxTransitions = maxTransitions;
  }

  scope(block: BlockDefinition, pointer: Pointer, title?: string): GraphScope {
    const start = this.#marker('start');
    const taken = this.#take(Object.entries(block.States), pointer);
    const end = [...taken.values()].some(({ state }) => endsHere(state)) ? this.#marker('end') : undefined;
    const ids = new Map([...taken].map(([name, { node }]) => [name, node.id]));
    const target = (to: string | undefined): string | undefined => (to === undefined ? end?.id : ids.get(to));
    const edges: GraphEdge[] = [];
    const draw = (from: string, { kind, to, label }: Transition): void => {
      const id = target(to);
      if (id === undefined || this.#transitions >= this.#maxTransitions) {
        this.omittedTransitions += 1;
        return;
      }
      const text = label && shorten(visible(label()), MAX_LABEL);
      edges.push({ id: `e${this.#transitions}`, kind, from, to: id, ...(text !== undefined && { label: text }) });
      this.#transitions += 1;
    };
    draw(start.id, { kind: 'start', to: block.StartAt });
    for (const { node, state } of taken.values()) for (const one of transitionsOf(state)) draw(node.id, one);
    const nodes: GraphNode[] = [start, ...[...taken.values()].map(({ node }) => node), ...(end ? [end] : [])];
    return { pointer, nodes, edges, ...(title !== undefined && { title }) };
  }

  #take(states: readonly [string, StateDefinition][], pointer: Pointer): Map<string, Taken> {
    const taken = new Map<string, Taken>();
    for (const [name, state] of states) {
      if (this.#states >= this.#maxStates) {
        this.#omit(state);
        continue;
      }
      this.#states += 1;
      taken.set(name, { state, node: this.#state(name, state, [...pointer, 'States', name]) });
    }
    return taken;
  }

  #state(name: string, state: StateDefinition, pointer: Pointer): StateNode {
    const id = this.#id();
    const scopes = blocksOf(state).map(({ block, at, title }) => this.scope(block, [...pointer, ...at], title));
    const detail = detailOf(state);
    const base = { kind: 'state', id, name, type: state.Type, pointer, scopes } as const;
    return detail === undefined ? base : { ...base, detail: shorten(visible(detail), MAX_LABEL) };
  }

  #omit(state: StateDefinition): void {
    this.omittedStates += 1;
    this.omittedTransitions += transitionsOf(state).length;
    for (const { block } of blocksOf(state)) {
      this.omittedTransitions += 1;
      for (const inner of Object.values(block.States)) this.#omit(inner);
    }
  }

  #marker(kind: MarkerNode['kind']): MarkerNode {
    return { kind, id: this.#id() };
  }

  #id(): string {
    this.#nodes += 1;
    return `n${this.#nodes - 1}`;
  }
}

interface Taken {
  readonly node: StateNode;
  readonly state: StateDefinition;
}

function endsHere(state: StateDefinition): boolean {
  return state.Type === 'Succeed' || ('End' in state && state.End === true);
}

/** In the order in which the language tries them. */
function transitionsOf(state: StateDefinition): Transition[] {
  if (state.Type === 'Choice') return choicesOf(state);
  const catchers: readonly Catcher[] = 'Catch' in state ? (state.Catch ?? []) : [];
  return [
    ...('Next' in state && state.Next !== undefined ? [{ kind: 'next', to: state.Next } as const] : []),
    ...(endsHere(state) ? [{ kind: 'end', to: undefined } as const] : []),
    ...catchers.map(({ ErrorEquals, Next }): Transition => ({
      kind: 'catch',
      to: Next,
      label: () => ErrorEquals.slice(0, MAX_LABEL).join(', '),
    })),
  ];
}

function choicesOf({ Choices, Default }: ChoiceDefinition): Transition[] {
  const rules = Choices.map((rule): Transition => ({ kind: 'choice', to: rule.Next, label: () => describeRule(rule) }));
  if (Default === undefined) return rules;
  return [...rules, { kind: 'default', to: Default, label: () => 'default' }];
}

interface Block {
  readonly block: BlockDefinition;
  /** From the state. */
  readonly at: Pointer;
  readonly title?: string;
}

function blocksOf(state: StateDefinition): readonly Block[] {
  if (state.Type === 'Parallel') return branchesOf(state);
  return state.Type === 'Map' ? processorOf(state) : [];
}

function branchesOf({ Branches }: ParallelDefinition): readonly Block[] {
  return Branches.map((block, i) => ({ block, at: ['Branches', i], title: `Branch ${i + 1}` }));
}

function processorOf({ ItemProcessor, Iterator: older }: MapDefinition): readonly Block[] {
  if (ItemProcessor) return [{ block: ItemProcessor, at: ['ItemProcessor'] }];
  return older ? [{ block: older, at: ['Iterator'] }] : [];
}
