/** Generated definitions for whatever draws or reads them: any name, any transition inside of a scope, no promise that they run. */
import fc from 'fast-check';
import type { BlockDefinition, Definition, StateDefinition, StateType } from '../asl/definition.ts';
import type { Json } from '../json.ts';

/** A state before names and targets are known: its targets are picked by number. */
interface Plan {
  readonly name: string;
  readonly type: StateType;
  readonly picks: readonly number[];
  readonly text: string;
  readonly scopes: readonly (readonly Plan[])[];
}

/** What breaks out of quotes, tags, comments and lines in one language or another. */
const TRICKS: readonly string[] = [
  'end',
  '"]; click n0 call alert()',
  '</text><script>alert(1)</script>',
  '--> n1',
  '%% x',
  '`x`',
  '1. x',
  '$$x$$',
  '\n\r\t',
  '\u202e\u001b]8;;x\u0007\u0000',
  '&amp;#35;',
  '__proto__',
  '日本語 😀',
];

const TEXT: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 10 }).map((text) => text.toWellFormed()),
  fc.constantFrom(...TRICKS),
);

const LEAVES: readonly StateType[] = ['Pass', 'Task', 'Choice', 'Wait', 'Succeed', 'Fail'];

function plan(types: readonly StateType[], scopes: fc.Arbitrary<Plan['scopes']>): fc.Arbitrary<Plan> {
  return fc.record({
    name: TEXT,
    type: fc.constantFrom(...types),
    picks: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
    text: TEXT,
    scopes,
  });
}

function scope(depth: number): fc.Arbitrary<readonly Plan[]> {
  const leaf = plan(LEAVES, fc.constant([]));
  if (depth === 0) return fc.array(leaf, { minLength: 1, maxLength: 4 });
  const holder = plan(['Map', 'Parallel'], fc.array(scope(depth - 1), { minLength: 1, maxLength: 3 }));
  const states = fc.array(fc.oneof({ weight: 3, arbitrary: leaf }, holder), { minLength: 1, maxLength: 7 });
  return states;
}

export const ANY_DEFINITION: fc.Arbitrary<Definition> = scope(2).map((plans) => new Builder().block(plans));

class Builder {
  #names = 0;

  block(plans: readonly Plan[]): BlockDefinition {
    const names = plans.map(({ name }) => this.#unique(name));
    const target = (pick: number): string => names[pick % names.length] as string;
    const states = plans.map((plan, i): [string, StateDefinition] => [names[i] as string, this.#state(plan, target)]);
    return { StartAt: target(0), States: Object.fromEntries(states) };
  }

  #unique(name: string): string {
    this.#names += 1;
    return `${name}${this.#names}`;
  }

  #state({ type, picks, text, scopes }: Plan, target: (pick: number) => string): StateDefinition {
    const [first = 0, ...others] = picks;
    const flow: Json = first % 3 === 0 ? { End: true } : { Next: target(first) };
    const caught = { Catch: others.map((pick) => ({ ErrorEquals: [text], Next: target(pick) })) };
    const blocks = scopes.map((plans) => this.block(plans));
    const states: Record<StateType, () => unknown> = {
      Pass: () => ({ ...flow }),
      Task: () => ({ Resource: text, ...flow, ...caught }),
      Choice: () => ({
        Choices: picks.map((pick) => ({ Variable: '$.x', StringEquals: text, Next: target(pick) })),
        ...(first % 2 === 0 && { Default: target(first) }),
      }),
      Wait: () => ({ Seconds: first, ...flow }),
      Succeed: () => ({}),
      Fail: () => ({ Error: text }),
      Map: () => ({ ItemProcessor: blocks[0], ...flow, ...caught }),
      Parallel: () => ({ Branches: blocks, ...flow, ...caught }),
    };
    return { Type: type, ...(states[type]() as object) } as StateDefinition;
  }
}
