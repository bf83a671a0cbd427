/** What an update makes of an item. Nothing of the item that is given changes. */
import type { AttributeValue, Item } from '../../../ports/tables.ts';
import { typeOf } from '../attribute.ts';
import { elementsOf } from '../compare.ts';
import { addNumbers } from '../number.ts';
import { validationError } from '../validation.ts';
import { valueAt } from './path.ts';
import type { Path, UpdateAction, UpdateValue } from './syntax.ts';

/**
 * All values are those of the item before, and so are positions in lists.
 * @throws ServiceError ValidationException
 */
export function applyUpdate(item: Item, actions: readonly UpdateAction[]): Item {
  // What cannot be evaluated is told before a path that leads nowhere.
  const evaluated = actions.map((action) =>
    action.kind === 'SET' ? { path: action.path, set: evaluate(item, action.value) } : action,
  );
  const root = { steps: new Map() } satisfies Changes;
  for (const action of evaluated) {
    const parent = parentOf(item, action.path);
    const step = action.path.at(-1);
    if (!parent || !(typeof step === 'number' ? 'L' in parent : 'M' in parent))
      throw validationError('The document path provided in the update expression is invalid for update');
    const change = 'set' in action ? { set: action.set } : changeOf(item, action);
    if (change) note(root, action.path, change);
  }
  return (changed({ M: item }, root) as { readonly M: Item }).M;
}

/** What is changed below a value, by name or position. */
interface Changes {
  readonly steps: Map<string | number, Change | Changes>;
}

type Change = { readonly set: AttributeValue } | 'remove';

function changeOf(item: Item, action: Exclude<UpdateAction, { readonly kind: 'SET' }>): Change | undefined {
  if (action.kind === 'REMOVE') return 'remove';
  const existing = valueAt(item, action.path);
  if (existing && typeOf(existing) !== typeOf(action.value)) throw wrongType();
  return action.kind === 'ADD' ? { set: added(existing, action.value) } : without(existing, action.value);
}

function added(existing: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if ('N' in value) return { N: addNumbers(existing && 'N' in existing ? existing.N : '0', value.N) };
  const all = new Set([...((existing && elementsOf(existing)) ?? []), ...(elementsOf(value) ?? [])]);
  return setOf(value, [...all]);
}

function without(existing: AttributeValue | undefined, value: AttributeValue): Change | undefined {
  if (!existing) return undefined;
  const gone = new Set(elementsOf(value));
  const left = (elementsOf(existing) ?? []).filter((element) => !gone.has(element));
  return left.length === 0 ? 'remove' : { set: setOf(value, left) };
}

/** A set of the same type. */
function setOf(model: AttributeValue, elements: readonly string[]): AttributeValue {
  return { [typeOf(model)]: elements } as unknown as AttributeValue;
}

function evaluate(item: Item, value: UpdateValue): AttributeValue {
  switch (value.kind) {
    case 'value':
      return value.value;
    case 'path': {
      const found = valueAt(item, value.path);
      if (found) return found;
      throw validationError('The provided expression refers to an attribute that does not exist in the item');
    }
    case 'if_not_exists':
      return valueAt(item, value.path) ?? evaluate(item, value.otherwise);
    case 'list_append': {
      const left = evaluate(item, value.left);
      if (!('L' in left)) throw wrongType();
      const right = evaluate(item, value.right);
      if (!('L' in right)) throw wrongType();
      return { L: [...left.L, ...right.L] };
    }
    case '+':
    case '-': {
      const left = evaluate(item, value.left);
      if (!('N' in left)) throw wrongType();
      const right = evaluate(item, value.right);
      if (!('N' in right)) throw wrongType();
      return { N: addNumbers(left.N, right.N, value.kind === '-') };
    }
    default:
      return value satisfies never;
  }
}

function wrongType(): Error {
  return validationError('An operand in the update expression has an incorrect data type');
}

function parentOf(item: Item, path: Path): AttributeValue | undefined {
  return path.length === 1 ? { M: item } : valueAt(item, path.slice(0, -1));
}

function note(root: Changes, path: Path, change: Change): void {
  let at = root;
  for (const step of path.slice(0, -1)) {
    const found = at.steps.get(step);
    const next = typeof found === 'object' && 'steps' in found ? found : { steps: new Map() };
    at.steps.set(step, next);
    at = next;
  }
  at.steps.set(path.at(-1) as string | number, change);
}

function changed(value: AttributeValue, { steps }: Changes): AttributeValue {
  if ('L' in value) {
    const indexes = [...(steps.keys() as Iterable<number>)].sort((a, b) => a - b);
    const list: (AttributeValue | undefined)[] = [...value.L];
    const behind: (AttributeValue | undefined)[] = [];
    for (const index of indexes) {
      const next = outcome(value.L[index], steps.get(index) as Change | Changes);
      if (index < value.L.length) list[index] = next;
      else behind.push(next);
    }
    return { L: [...list, ...behind].filter((element) => element !== undefined) };
  }
  const map = new Map(Object.entries((value as { readonly M: Item }).M));
  for (const [step, change] of steps) {
    const next = outcome(map.get(String(step)), change);
    if (next) map.set(String(step), next);
    else map.delete(String(step));
  }
  return { M: Object.fromEntries(map) };
}

function outcome(value: AttributeValue | undefined, change: Change | Changes): AttributeValue | undefined {
  if (change === 'remove') return undefined;
  return 'set' in change ? change.set : value && changed(value, change);
}
