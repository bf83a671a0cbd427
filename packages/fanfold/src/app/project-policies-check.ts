/** What is wrong with the policies of a project file beyond their shape. */
import { bucketPolicyDocument, readBucketPolicy } from '../access/read-bucket-policy.ts';
import { policyProblems } from '../access/read-policy.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { ProjectDefinition } from './define-project.ts';
import { hasRole } from './project-roles.ts';

const KINDS = ['functions', 'jobDefinitions', 'stateMachines'] as const;
const INVOKER = /^(stateMachine|function|job|api|bucket|topic|rule):(.+)$/;

export function* findBrokenPolicies(project: ProjectDefinition): Generator<string> {
  for (const kind of KINDS)
    for (const [name, { policy = [] }] of Object.entries(project[kind] ?? {}))
      for (const problem of policyProblems(policy)) yield `${kind}.${name}.policy${problem}`;
  for (const [bucket, { policy }] of Object.entries(project.buckets ?? {})) {
    const problem = policy && bucketPolicyProblem(JSON.stringify(bucketPolicyDocument(policy)), bucket, project);
    if (problem !== undefined) yield `buckets.${bucket}.policy: ${problem}`;
  }
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

function bucketPolicyProblem(document: string, bucket: string, project: ProjectDefinition): string | undefined {
  try {
    readBucketPolicy(document, { bucket, isRole: (name) => hasRole(project, name) });
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return error.message;
    throw error;
  }
}
