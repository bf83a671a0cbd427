/** The target of a rule: what it is sent, and how that is delivered. */
import { compilePath } from '../../asl/path/path.ts';
import { isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { Delivery, DeliveryTarget } from '../../ports/deliveries.ts';
import { uuidOf } from '../task-key.ts';
import type { BusEvent } from './event.ts';
import { checkMembers, invalid, optionalText, text } from './events-error.ts';
import type { Target } from './rules-store.ts';

const MEMBERS = ['Id', 'Arn', 'RoleArn', 'Input', 'InputPath', 'InputTransformer', 'SqsParameters'];

/** What may stand behind the service in a target's ARN. */
const KINDS: Readonly<Record<string, RegExp>> = {
  states: /^stateMachine:([^:]+)$/,
  lambda: /^function:([A-Za-z0-9_-]+)(?::[^:]+)?$/,
  sqs: /^([A-Za-z0-9_-]+(?:\.fifo)?)$/,
  sns: /^([A-Za-z0-9_-]+)$/,
};

interface ParsedArn {
  readonly service: string;
  readonly name: string;
}

function parseTargetArn(arn: string): ParsedArn | undefined {
  const [, service = '', rest = ''] = /^arn:[^:]*:([a-z]+):[^:]*:[^:]*:(.+)$/.exec(arn) ?? [];
  const name = Object.hasOwn(KINDS, service) ? KINDS[service]?.exec(rest)?.[1] : undefined;
  return name === undefined ? undefined : { service, name };
}

/** @throws ServiceError ValidationException */
export function checkTarget(given: Json): Target {
  if (!isObject(given)) throw invalid('A target must be a structure with Id and Arn.');
  checkMembers('PutTargets', given, MEMBERS);
  const id = text(given, 'Id');
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(id)) throw invalid(`The target id ${JSON.stringify(id)} is not allowed.`);
  const arn = text(given, 'Arn');
  if (!parseTargetArn(arn))
    throw invalid(
      `Parameter ${arn} is not valid. Reason: targets here are state machines, functions, queues and topics.`,
    );
  const inputs = ['Input', 'InputPath', 'InputTransformer'].filter((name) => (member(given, name) ?? null) !== null);
  if (inputs.length > 1)
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  payloadOf({ ...given, Id: id, Arn: arn }, { id: '' }, { arn: '', name: '', at: 0 });
  return { ...given, Id: id, Arn: arn };
}

export interface RuleRef {
  readonly arn: string;
  readonly name: string;
  /** When the event came in; milliseconds since the epoch. */
  readonly at: number;
}

export function deliveryTo(target: Target, event: BusEvent, rule: RuleRef): Delivery {
  const { service, name } = parseTargetArn(target.Arn) ?? { service: '', name: '' };
  return { target: deliveryTarget(service, name, target, event, rule), payload: payloadOf(target, event, rule) };
}

function deliveryTarget(service: string, name: string, target: Target, event: BusEvent, rule: RuleRef): DeliveryTarget {
  const parameters = member(target, 'SqsParameters');
  const groupId = isObject(parameters) ? optionalText(parameters, 'MessageGroupId') : undefined;
  switch (service) {
    case 'states':
      return {
        kind: 'stateMachine',
        stateMachineArn: target.Arn,
        // The same for every delivery of the event (I5).
        name: `${rule.name.slice(0, 40)}-${uuidOf(JSON.stringify([event.id, rule.name, target.Id]))}`,
      };
    case 'lambda':
      return { kind: 'function', functionName: name, source: rule.arn };
    case 'sqs':
      return { kind: 'queue', queue: name, ...(groupId !== undefined && { groupId }) };
    default:
      return { kind: 'topic', topicArn: target.Arn };
  }
}

/** @throws ServiceError ValidationException */
function payloadOf(target: Target, event: BusEvent, rule: RuleRef): string {
  const input = optionalText(target, 'Input');
  if (input !== undefined) return checkJson(input);
  const path = optionalText(target, 'InputPath');
  if (path !== undefined) return JSON.stringify(readPath(path, event) ?? null);
  const transformer = member(target, 'InputTransformer') ?? null;
  if (transformer === null) return JSON.stringify(event);
  if (!isObject(transformer)) throw invalid('InputTransformer must be a structure.');
  return transform(transformer, event, rule);
}

function checkJson(input: string): string {
  try {
    JSON.parse(input);
    return input;
  } catch {
    throw invalid(`The Input of a target must be JSON, not ${JSON.stringify(input.slice(0, 200))}.`);
  }
}

/** Undefined when there is nothing. @throws ServiceError ValidationException when it is no path */
function readPath(path: string, event: JsonObject): Json | undefined {
  const compiled = ((): ReturnType<typeof compilePath> => {
    try {
      return compilePath(path);
    } catch (error) {
      throw invalid(`'${path}' is no JSON path: ${error instanceof Error ? error.message : String(error)}`);
    }
  })();
  try {
    return compiled.read({
      input: event,
      context: () => null,
      variable: () => undefined,
      random: () => 0,
      uuid: () => '',
    });
  } catch {
    return undefined;
  }
}

const LONGEST_TEMPLATE = 8192;

/** `<name>` stands for what a path found: as it is within a text, as JSON elsewhere. */
function transform(transformer: JsonObject, event: BusEvent, rule: RuleRef): string {
  checkMembers('InputTransformer', transformer, ['InputPathsMap', 'InputTemplate']);
  const template = text(transformer, 'InputTemplate');
  if (template.length > LONGEST_TEMPLATE) throw invalid(`An InputTemplate has at most ${LONGEST_TEMPLATE} characters.`);
  const paths = member(transformer, 'InputPathsMap') ?? {};
  if (!isObject(paths)) throw invalid('InputPathsMap must be a map.');
  const values = new Map<string, Json | undefined>(
    Object.keys(paths).map((name) => [name, readPath(text(paths, name), event)]),
  );
  const own: Readonly<Record<string, Json>> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': new Date(rule.at).toISOString(),
    'aws.events.event': event,
    'aws.events.event.json': event,
  };
  let inText = false;
  return template.replace(/\\.|"|<([\w.-]{1,128})>/gs, (found, name?: string) => {
    if (found === '"') inText = !inText;
    if (name === undefined) return found;
    const value = Object.hasOwn(own, name) ? own[name] : values.get(name);
    if (!values.has(name) && !Object.hasOwn(own, name))
      throw invalid(`InputTemplate has <${name}>, which InputPathsMap does not.`);
    if (!inText) return JSON.stringify(value ?? null);
    return value === undefined
      ? ''
      : JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
  });
}
