/** The policies of a project as AWS IAM takes them: those that are written, and those that follow from what stands in it. */
import { policyOfNames } from '../access/derive.ts';
import { policyOfMachine } from '../access/derive-machine.ts';
import type { Policy } from '../access/policy.ts';
import { bucketPolicyDocument } from '../access/read-bucket-policy.ts';
import { readPolicy, type StatementSettings } from '../access/read-policy.ts';
import { Value } from '../interpreter/value.ts';
import type { Json } from '../json.ts';
import { readerAccess, writerAccess } from '../services/map-run-access.ts';
import { taskAccess } from '../services/task-access.ts';
import { ACCOUNT, defaultRegion } from './arn.ts';
import type { LoadedProject } from './load-project.ts';
import { namedThings } from './project-roles.ts';
import { readDefinitionOf } from './read-definition.ts';

export interface RolePolicy {
  /** `function:load`, `job:splitter`, `stateMachine:Main`; of a bucket's own policy `bucket:inbound`. */
  readonly role: string;
  /** `derived`: it follows from the environment, or from the definition, and is the least that these need. */
  readonly origin: 'written' | 'derived';
  readonly document: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly object[];
  };
}

/** @throws ProjectError when a definition cannot be read */
export async function projectPolicies({ definition, directory }: LoadedProject): Promise<readonly RolePolicy[]> {
  const place = { region: defaultRegion(), account: ACCOUNT };
  const things = namedThings(definition);
  const policyFor = (role: string, written: readonly StatementSettings[] | undefined, derived: Policy): RolePolicy => ({
    role,
    origin: written ? 'written' : 'derived',
    document: documentOf(written ? readPolicy(written) : derived),
  });
  const used = (environment: Readonly<Record<string, string>> = {}): Policy =>
    policyOfNames(Object.values(environment), things, place);
  const machines = Object.entries(definition.stateMachines).map(async ([name, settings]) => {
    const { text } = await readDefinitionOf(name, settings, directory);
    const derived = policyOfMachine(JSON.parse(text) as Json, {
      task: (resource, input) => taskAccess({ resource, parameters: Value.ofJson(input) }, place),
      reader: (resource, input) =>
        readerAccess(resource.endsWith(':listObjectsV2') ? 'listObjectsV2' : 'getObject', input, place),
      writer: writerAccess,
    });
    return policyFor(`stateMachine:${name}`, settings.policy, derived);
  });
  return [
    ...Object.entries(definition.functions ?? {}).map(([name, { policy, environment }]) =>
      policyFor(`function:${name}`, policy, used(environment)),
    ),
    ...Object.entries(definition.jobDefinitions ?? {}).map(([name, { policy, environment }]) =>
      policyFor(`job:${name}`, policy, used(environment)),
    ),
    ...(await Promise.all(machines)),
    ...Object.entries(definition.buckets ?? {}).flatMap(([name, { policy }]): readonly RolePolicy[] =>
      policy ? [{ role: `bucket:${name}`, origin: 'written', document: bucketPolicyDocument(policy) }] : [],
    ),
  ];
}

function documentOf(policy: Policy): RolePolicy['document'] {
  return {
    Version: '2012-10-17',
    Statement: policy.map(({ effect, actions, resources }) => ({
      Effect: effect,
      Action: actions,
      Resource: resources,
    })),
  };
}
