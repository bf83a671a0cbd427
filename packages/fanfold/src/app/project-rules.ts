/** The rules of a project, as the event bus takes them. */
import type { JsonObject } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import {
  type LocalEvents,
  type LocalEventsParams,
  openLocalEvents,
  type ProjectRule,
} from '../services/events/local.ts';
import { ACCOUNT, defaultRegion, functionArn, stateMachineArn } from './arn.ts';
import type { ProjectDefinition, RuleSettings, RuleTargetSettings } from './define-project.ts';
import { ProjectError } from './project-error.ts';

export type ProjectRulesParams = Omit<LocalEventsParams, 'rules'> & {
  readonly definition: Pick<ProjectDefinition, 'rules'>;
};

/** @throws ProjectError when a rule cannot be */
export function openProjectRules({ definition, ...rest }: ProjectRulesParams): LocalEvents {
  const rules = Object.entries(definition.rules ?? {}).map(([name, rule]) => [name, ruleOf(name, rule)] as const);
  try {
    return openLocalEvents({ ...rest, rules: Object.fromEntries(rules) });
  } catch (error) {
    if (error instanceof ServiceError) throw new ProjectError(`rules: ${error.message}`, { cause: error });
    throw error;
  }
}

function ruleOf(name: string, { targets, pattern, schedule, ...rest }: RuleSettings): ProjectRule {
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name))
    throw new ProjectError(`rules: the name ${JSON.stringify(name)} is not allowed`);
  if ((pattern === undefined) === (schedule === undefined))
    throw new ProjectError(`rules.${name} needs one of pattern and schedule`);
  if (targets.length === 0) throw new ProjectError(`rules.${name} has no targets: nobody would be told`);
  return {
    ...rest,
    ...(pattern && { pattern }),
    ...(schedule !== undefined && { schedule }),
    targets: targets.map((target, i) => ({ ...targetOf(name, target), Id: String(i) })),
  };
}

const ARNS = {
  stateMachine: stateMachineArn,
  function: functionArn,
  queue: (name: string): string => `arn:aws:sqs:${defaultRegion()}:${ACCOUNT}:${name}`,
  topic: (name: string): string => `arn:aws:sns:${defaultRegion()}:${ACCOUNT}:${name}`,
} as const;

function targetOf(rule: string, target: RuleTargetSettings): JsonObject & { readonly Arn: string } {
  const kinds = (Object.keys(ARNS) as (keyof typeof ARNS)[]).filter((kind) => target[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new ProjectError(`rules.${rule}: a target needs one of ${Object.keys(ARNS).join(', ')}`);
  const { input, inputPath, inputPaths, inputTemplate } = target;
  return {
    Arn: ARNS[kind](target[kind] as string),
    ...(input !== undefined && { Input: JSON.stringify(input) }),
    ...(inputPath !== undefined && { InputPath: inputPath }),
    ...(inputTemplate !== undefined && {
      InputTransformer: { InputTemplate: inputTemplate, InputPathsMap: inputPaths ?? {} },
    }),
  };
}
