import { readFileSync } from 'node:fs';
import { parseDefinition } from '../asl/parse.ts';
import { compileMachine } from '../interpreter/compile.ts';
import { renderEvent } from '../interpreter/history.ts';
import { Value } from '../interpreter/value.ts';
import { Simulation } from './simulate.fixture.ts';
const { compare } = await import('/work/shared/conformance/compare.mjs' as any);
const lv: any = {};
let n = 0;
const fails: any[] = [];
for (const line of readFileSync('/work/shared/conformance/open.jsonl', 'utf8').split('\n')) {
  if (!line) continue;
  const c = JSON.parse(line);
  if (c.kind !== 'execution' || !c.needs.length || c.mode === 'sync' || !c.expected.history) continue;
  const p = parseDefinition(c.definition_text ?? JSON.stringify(c.definition));
  if (!p.ok) continue;
  const m = compileMachine(p.value);
  if (!m.ok) continue;
  n++;
  const byId = new Map(c.expected.history.map((e: any) => [e.id, e]));
  const answers = new Map<string, any[]>();
  for (const e of c.expected.history) {
    const k = /^(?:LambdaFunction|Task|Activity)(Succeeded|Failed|TimedOut|Submitted)$/.exec(e.type)?.[1];
    if (!k) continue;
    let s: any = e;
    while (s && s.type !== 'TaskStateEntered') s = byId.get(s.previousEventId);
    if (!s) {
      continue;
    }
    const name = s.stateEnteredEventDetails.name;
    const det: any = Object.entries(e).find(([k]) => k.endsWith('EventDetails'))?.[1] ?? {};
    const toJson = (x: any) => {
      if (typeof x !== 'string') return x;
      try {
        return JSON.parse(x);
      } catch {
        return x;
      }
    };
    const toText = (x: any) => (typeof x === 'object' ? JSON.stringify(x) : x);
    const list = answers.get(name) ?? [];
    answers.set(name, list);
    if (k === 'Submitted') {
      list.push({ pending: true, submitted: toJson(det.output) });
      continue;
    }
    const a: any =
      k === 'Succeeded'
        ? { output: toJson(det.output) }
        : k === 'Failed'
          ? { error: det.error ?? '', cause: toText(det.cause ?? null) }
          : undefined;
    const last = list.at(-1);
    if (last?.pending) {
      list[list.length - 1] = a ? { ...a, submitted: last.submitted } : undefined;
    } else list.push(a);
  }
  const used = new Map<string, number>();
  let actual: any;
  try {
    const sim = new Simulation({
      machine: m.value,
      input: Value.parse(c.input ?? '{}'),
      answer: (t) => {
        const u = used.get(t.state) ?? 0;
        used.set(t.state, u + 1);
        return answers.get(t.state)?.[u];
      },
    }).run();
    const { status, output, error, cause } = sim.execution;
    actual = JSON.parse(
      JSON.stringify({
        status,
        output: output?.text,
        error: error ?? undefined,
        cause: cause ?? undefined,
        history: sim.history.map((e) => renderEvent(e, (s) => m.value.resources.get(s))),
      }),
    );
  } catch (e) {
    fails.push([c.id, 'CRASH', (e as Error).message]);
    continue;
  }
  const res = compare(c, actual);
  lv[res.top] = (lv[res.top] ?? 0) + 1;
  if (!res.pass)
    fails.push([c.id.split('::').slice(-1)[0], c.needs.join(), JSON.stringify(res.diffs?.slice(0, 2)).slice(0, 420)]);
}
console.log(n, lv, 'fails', fails.length);
for (const f of fails) console.log(f.join(' | '));
