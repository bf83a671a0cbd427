/** What is wrong with the policies of a project file beyond their shape. */
import { policyProblems } from '../access/read-policy.ts';
import type { ProjectDefinition } from './define-project.ts';

const KINDS = ['functions', 'jobDefinitions', 'stateMachines'] as const;
const INVOKER = /^(stateMachine|function|job|api|bucket|topic|rule):(.+)$/;

export function* findBrokenPolicies(project: ProjectDefinition): Generator<string> {
  for (const kind of KINDS)
    for (const [name, { policy = [] }] of Object.entries(project[kind] ?? {}))
      for (const problem of policyProblems(policy)) yield `${kind}.${name}.policy${problem}`;
  const known = {
    stateMachine: project.stateMachines ?? {},
    function: project.functions ?? {},
    job: project.jobDefinitions ?? {},
    api: project.apis ?? {},
    bucket: project.buckets ?? {},
    topic: project.topics ?? {},
    rule: project.rules ?? {},
  };
  for (const [name, { invokedBy = [] }] of Object.entries(project.functions ?? {}))
    for (const invoker of invokedBy) {
      const [, kind = '', of = ''] = INVOKER.exec(invoker) ?? [];
      const at = `functions.${name}.invokedBy`;
      if (kind === '')
        yield `${at}: ${Object.keys(known)
          .map((each) => `${each}:`)
          .join(', ')} and a name is needed, not ${invoker}`;
      else if (!Object.hasOwn(known[kind as keyof typeof known], of)) yield `${at}: there is no ${kind} ${of}`;
    }
}
