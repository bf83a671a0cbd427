/** Reads the state machines of a project, and puts them into the engine. */
import { findingLines, validateSource } from '../asl/index.ts';
import { DiskError } from '../database/disk-error.ts';
import { AWS_DEFINITION_BYTES, type Limits } from '../interpreter/limits.ts';
import type { StateMachines } from '../ports/executions.ts';
import type { Logger } from '../ports/logger.ts';
import { ACCOUNT } from './arn.ts';
import type { LoadedProject } from './load-project.ts';
import { ProjectError } from './project-error.ts';
import { readDefinitionOf } from './read-definition.ts';

/** The definition of a state machine, without errors. */
export interface CheckedDefinition {
  readonly name: string;
  /** As it is shown in errors. */
  readonly path: string;
  /** JSON. */
  readonly text: string;
}

/** @throws ProjectError with the findings, each with its place */
export async function readStateMachines(
  { definition, directory }: LoadedProject,
  limits: Limits,
  logger: Logger,
): Promise<readonly CheckedDefinition[]> {
  const checked: CheckedDefinition[] = [];
  for (const [name, settings] of Object.entries(definition.stateMachines)) {
    const { path, source, text } = await readDefinitionOf(name, settings, directory);
    const findings = source.ok ? validateSource(source.value) : [source.error];
    const errors = findings.filter(({ severity }) => severity === 'ERROR');
    if (errors.length > 0) throw new ProjectError([...findingLines(path, errors)].join('\n'));
    checkDefinitionSize(text, path, limits, logger);
    checked.push({ name, path, text });
  }
  return checked;
}

/** @throws ProjectError where the engine refuses one */
export async function putStateMachines(
  machines: StateMachines,
  definitions: readonly CheckedDefinition[],
): Promise<void> {
  for (const { name, path, text } of definitions) {
    try {
      await machines.put({ name, definition: text, roleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`, type: 'STANDARD' });
    } catch (error) {
      if (error instanceof DiskError) throw error;
      throw new ProjectError(`${path}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** @throws ProjectError under AWS's limits */
function checkDefinitionSize(text: string, path: string, limits: Limits, logger: Logger): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= AWS_DEFINITION_BYTES) return;
  const message = `${path}: the definition has ${bytes} bytes, and AWS takes ${AWS_DEFINITION_BYTES} at most.`;
  if (limits === 'aws') throw new ProjectError(`${message} Move a part of it into a state machine of its own.`);
  logger.warn(message);
}
