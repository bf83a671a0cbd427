/** Credentials name the role that a task runs under. */
import { member } from '../../json.ts';
import { parseResource } from '../resource.ts';
import type { StatePart } from './context.ts';
import { type Check, type Problem, schemaError } from './problem.ts';
import { hasParameter } from './resources.ts';
import { objectIn } from './take-apart.ts';

export const checkCredentials: Check = ({ states }) =>
  states.filter((state) => state.type === 'Task').flatMap((state) => checkTask(state) ?? []);

function checkTask({ at, json }: StatePart): Problem | undefined {
  const credentials = objectIn(json, 'Credentials');
  const arn = member(json, 'Resource');
  const resource = typeof arn === 'string' ? parseResource(arn) : undefined;
  // What credentials hold is up to whoever runs the resource (ASL, Task state): AWS asks for a role.
  if (!credentials || !resource) return undefined;
  const place = at.in('Credentials');
  if (resource.kind === 'activity')
    return schemaError(place, "The field 'Credentials' is not supported for activities");
  return hasParameter(credentials, 'RoleArn')
    ? undefined
    : schemaError(place, "The field 'RoleArn' is required but was missing");
}
