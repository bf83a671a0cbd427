/** What a Task state does to what, and how it is told that it may not. */
import { callAccess, functionArn, type Place } from '../access/call-access.ts';
import type { Access } from '../access/policy.ts';
import { parseResource } from '../asl/resource.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { ServiceError } from '../ports/service-error.ts';
import type { TaskOutcome, TaskRequest } from '../ports/services.ts';

/** Services whose name in an ARN of a Task state is another than in a policy. */
const IN_POLICIES: Readonly<Record<string, string>> = { sfn: 'states', sesv2: 'ses', eventbridge: 'events' };

/** As errors of optimised integrations begin. */
const PREFIXES: Readonly<Record<string, string>> = {
  lambda: 'Lambda',
  dynamodb: 'DynamoDB',
  sqs: 'SQS',
  sns: 'SNS',
  states: 'StepFunctions',
  batch: 'Batch',
  eks: 'EKS',
  apigateway: 'ApiGateway',
  events: 'EventBridge',
};

export function taskAccess(
  { resource, parameters }: Pick<TaskRequest, 'resource' | 'parameters'>,
  place: Place,
): readonly Access[] {
  const parsed = parseResource(resource);
  if (!parsed) return [];
  if (parsed.kind === 'function') return [{ action: 'lambda:InvokeFunction', resource: functionArn(resource, place) }];
  const service = parsed.service.replace(/^aws-sdk:/, '');
  const action = parsed.action.replace(/\..*/, '');
  const { json } = parameters;
  const input: JsonObject = isObject(json) ? json : {};
  return callAccess(
    Object.hasOwn(IN_POLICIES, service) ? (IN_POLICIES[service] ?? service) : service,
    action.charAt(0).toUpperCase() + action.slice(1),
    input,
    place,
  );
}

export function accessRefused(resource: string, error: ServiceError): TaskOutcome {
  const service = parseResource(resource)?.service ?? '';
  const plain = service.replace(/^aws-sdk:/, '');
  const prefix = PREFIXES[plain] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
  return { kind: 'failed', error: `${prefix}.${error.code}`, cause: error.message };
}
