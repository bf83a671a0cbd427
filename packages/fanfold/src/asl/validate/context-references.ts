/**
 * What an expression reads of JSONata's context. A state has none: its input is `$states.input`. AWS refuses an expression
 * in which a path starts with a name (`{% phone %}`), and the root of the context (`$$`).
 */

interface Node {
  readonly type?: unknown;
  readonly value?: unknown;
  readonly steps?: unknown;
}

/** Parts of a node that are evaluated for the items of another part: names in them are no names of the context. */
const OF_ITEMS: ReadonlySet<string> = new Set(['predicate', 'stages', 'group', 'pattern', 'update', 'delete']);

export function contextReferences(ast: unknown): readonly string[] {
  const found: string[] = [];
  const pending: { readonly node: unknown; readonly ofItems: boolean }[] = [{ node: ast, ofItems: false }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, ofItems } = next;
    if (typeof node !== 'object' || node === null) continue;
    if (Array.isArray(node)) {
      for (const part of node) pending.push({ node: part, ofItems });
      continue;
    }
    const { type, value, steps } = node as Node;
    if (type === 'variable' && value === '$') found.push('$$');
    if (type === 'path' && Array.isArray(steps) && !ofItems) addName(steps[0], found);
    for (const [key, part] of Object.entries(node)) {
      if (key === 'steps' && Array.isArray(part))
        part.forEach((step: unknown, i) => pending.push({ node: step, ofItems: ofItems || i > 0 }));
      else pending.push({ node: part, ofItems: ofItems || OF_ITEMS.has(key) });
    }
  }
  return found;
}

function addName(step: unknown, found: string[]): void {
  const { type, value } = (step ?? {}) as Node;
  if (type === 'name' && typeof value === 'string') found.push(value);
}
