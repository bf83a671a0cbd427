/** What an expression reads, as far as its text says so. */
import type { Ast } from './generated/jsonata-sync.js';

interface Step {
  readonly type?: unknown;
  readonly value?: unknown;
}

/**
 * The names behind `$states.` at the start of paths. AWS looks at these only, not at what reaches `$states` in another
 * way, such as `($states).result`.
 */
export function statesMembers(ast: Ast): ReadonlySet<string> {
  const members = new Set<string>();
  const pending: unknown[] = [ast];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (!Array.isArray(node)) addMember(node as { readonly type?: unknown; readonly steps?: unknown }, members);
    for (const part of Object.values(node)) pending.push(part);
  }
  return members;
}

function addMember(node: { readonly type?: unknown; readonly steps?: unknown }, members: Set<string>): void {
  if (node.type !== 'path' || !Array.isArray(node.steps)) return;
  const [root, name] = node.steps as readonly Step[];
  if (root?.type === 'variable' && root.value === 'states' && name?.type === 'name') members.add(String(name.value));
}
