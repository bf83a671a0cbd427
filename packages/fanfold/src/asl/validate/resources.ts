/** The Resource of a Task state is one that AWS knows, and that the type of the machine can call. */
import { isObject, type Json, member } from '../../json.ts';
import { parseResource, type Resource } from '../resource.ts';
import type { Context, MachineType, StatePart } from './context.ts';
import { isIntegration, requiredParameters } from './integrations.ts';
import { type Check, type Problem, schemaError, warning } from './problem.ts';

export const checkResources: Check = (context: Context) =>
  context.states.flatMap((state) => {
    const arn = member(state.json, 'Resource');
    return state.type === 'Task' && typeof arn === 'string' ? checkResource(state, arn, context.type) : [];
  });

/** Of several things that are wrong with one resource, the first is told. */
function checkResource(state: StatePart, arn: string, type: MachineType): readonly Problem[] {
  const at = state.at.in('Resource');
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/.test(arn)) return [schemaError(at, 'Value is not a valid resource ARN')];
  const resource = parseResource(arn);
  if (resource?.kind === 'integration' && !isIntegration(resource)) return [notRecognized(state.at, at, arn)];
  if (!resource && /^arn:[^:]+:states:/.test(arn)) return [notRecognized(state.at, at, arn)];
  // The language leaves open what can be called; a machine with such a task can be read, but not be run.
  if (!resource) return [warning('INVALID_RESOURCE', at, `Nothing here answers the resource ${arn}`)];
  const unfit = type === 'EXPRESS' ? unfitForExpress(resource) : undefined;
  if (unfit !== undefined) return [schemaError(at, unfit)];
  return resource.kind === 'integration' ? checkParameters(state, resource) : [];
}

function notRecognized(at: StatePart['at'], exact: StatePart['at'], arn: string): Problem {
  const message = `The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;
  return schemaError(at, message, { exact });
}

function unfitForExpress({ kind, pattern }: Resource): string | undefined {
  if (kind === 'activity') return 'Express state machine does not support Activity ARN';
  if (pattern === 'sync') return "Express state machine does not support '.sync' service integration";
  // The blank at the end is AWS's.
  return pattern === 'waitForTaskToken'
    ? "Express state machine does not support '.waitForTaskToken' service integration "
    : undefined;
}

function checkParameters({ at, json, language }: StatePart, resource: Resource): readonly Problem[] {
  const field = language === 'JSONata' ? 'Arguments' : 'Parameters';
  const parameters = member(json, field);
  if (parameters === undefined)
    return [schemaError(at, `${field} field is required for resource ARN: ${resource.arn}`)];
  if (!isObject(parameters)) return [];
  return requiredParameters(resource)
    .filter((name) => !hasParameter(parameters, name))
    .map((name) => schemaError(at.in(field), `The field '${name}' is required but was missing`));
}

/** Whether a template gives the field, as it is or with `.$`. */
export function hasParameter(template: Json, name: string): boolean {
  return isObject(template) && (Object.hasOwn(template, name) || Object.hasOwn(template, `${name}.$`));
}
