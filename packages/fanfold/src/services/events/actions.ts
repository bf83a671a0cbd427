/** The actions of the EventBridge API that there are. */
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import type { DeliveryLine } from '../../ports/deliveries.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { findPatternProblem, matchesPattern } from '../event-pattern.ts';
import type { Place } from './event.ts';
import { checkBus, checkMembers, invalid, optionalText, parsePattern, ruleNotFound, text } from './events-error.ts';
import { putEvents } from './put-events.ts';
import type { Rule, RulesStore } from './rules-store.ts';
import { parseSchedule } from './schedule.ts';
import { checkTarget } from './target.ts';

export interface EventsContext {
  readonly store: RulesStore;
  readonly deliveries: DeliveryLine & { sync(): void };
  readonly place: Place;
  readonly ruleArn: (name: string) => string;
  readonly now: () => number;
  readonly idempotencyKey: string | undefined;
  /** The rules of the project file stay as they are there. */
  readonly isFixed: (rule: string) => boolean;
  /** Schedules are others now. */
  readonly changed: () => void;
}

interface Action {
  readonly members: readonly string[];
  run(input: JsonObject, context: EventsContext): JsonObject;
}

const BUS = ['EventBusName'];
const PAGE = ['NextToken', 'Limit'];

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['PutEvents', { members: ['Entries'], run: putEvents }],
  [
    'PutRule',
    {
      members: ['Name', 'ScheduleExpression', 'EventPattern', 'State', 'Description', 'RoleArn', ...BUS],
      run: putRule,
    },
  ],
  [
    'DescribeRule',
    { members: ['Name', ...BUS], run: (input, context) => described(findRule(input, context), context) },
  ],
  ['ListRules', { members: ['NamePrefix', ...PAGE, ...BUS], run: listRules }],
  ['DeleteRule', { members: ['Name', 'Force', ...BUS], run: deleteRule }],
  ['EnableRule', { members: ['Name', ...BUS], run: (input, context) => enable(input, context, true) }],
  ['DisableRule', { members: ['Name', ...BUS], run: (input, context) => enable(input, context, false) }],
  ['PutTargets', { members: ['Rule', 'Targets', ...BUS], run: putTargets }],
  ['RemoveTargets', { members: ['Rule', 'Ids', 'Force', ...BUS], run: removeTargets }],
  ['ListTargetsByRule', { members: ['Rule', ...PAGE, ...BUS], run: listTargets }],
  ['ListRuleNamesByTarget', { members: ['TargetArn', ...PAGE, ...BUS], run: listRuleNames }],
  ['TestEventPattern', { members: ['EventPattern', 'Event'], run: testPattern }],
  [
    'DescribeEventBus',
    { members: ['Name'], run: (input, context) => (checkBus({ EventBusName: input['Name'] ?? null }), busOf(context)) },
  ],
  ['ListEventBuses', { members: ['NamePrefix', ...PAGE], run: (_, context) => ({ EventBuses: [busOf(context)] }) }],
]);

/** @throws ServiceError */
export function runAction(name: string, input: JsonObject, context: EventsContext): JsonObject {
  const action = ACTIONS.get(name);
  if (!action)
    throw new ServiceError(
      'UnknownOperationException',
      `The action ${name} of EventBridge is not available here. Available are: ${[...ACTIONS.keys()].join(', ')}.`,
    );
  checkMembers(name, input, action.members);
  checkBus(input);
  return action.run(input, context);
}

function busOf({ place: { region, account } }: EventsContext): JsonObject {
  return { Name: 'default', Arn: `arn:aws:events:${region}:${account}:event-bus/default` };
}

function findRule(input: JsonObject, { store }: EventsContext, member = 'Name'): Rule {
  const name = text(input, member);
  const rule = store.rule(name);
  if (!rule) throw ruleNotFound(name);
  return rule;
}

/** @throws ServiceError ManagedRuleException */
function checkChangeable(name: string, { isFixed }: EventsContext): void {
  if (isFixed(name))
    throw new ServiceError('ManagedRuleException', `The rule ${name} is in the project file: change it there.`);
}

function putRule(input: JsonObject, context: EventsContext): JsonObject {
  const { store, now, ruleArn } = context;
  const name = text(input, 'Name');
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) throw invalid(`The rule name ${JSON.stringify(name)} is not allowed.`);
  checkChangeable(name, context);
  const pattern = optionalText(input, 'EventPattern');
  const schedule = optionalText(input, 'ScheduleExpression');
  const state = optionalText(input, 'State') ?? 'ENABLED';
  if (state !== 'ENABLED' && state !== 'DISABLED') throw invalid(`State is ENABLED or DISABLED, not ${state}.`);
  if ((pattern === undefined) === (schedule === undefined))
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified, and one of them only.');
  if (schedule !== undefined) checkSchedule(schedule, 'UTC');
  const description = optionalText(input, 'Description');
  const settings = {
    ...(pattern !== undefined && { pattern: parsePattern(pattern, findPatternProblem) }),
    ...(schedule !== undefined && { schedule }),
    ...(description !== undefined && { description }),
    enabled: state === 'ENABLED',
  };
  store.put(name, settings, { now: now(), ofProject: false });
  context.changed();
  return { RuleArn: ruleArn(name) };
}

/** @throws ServiceError ValidationException */
export function checkSchedule(schedule: string, timezone: string): void {
  const parsed = parseSchedule(schedule, timezone, 0);
  if (!parsed.ok) throw invalid(`Parameter ScheduleExpression is not valid: ${parsed.error}.`);
}

function described(rule: Rule, { ruleArn }: EventsContext): JsonObject {
  const { name, pattern, schedule, description, enabled } = rule;
  return {
    Name: name,
    Arn: ruleArn(name),
    ...(pattern && { EventPattern: JSON.stringify(pattern) }),
    ...(schedule !== undefined && { ScheduleExpression: schedule }),
    ...(description !== undefined && { Description: description }),
    State: enabled ? 'ENABLED' : 'DISABLED',
    EventBusName: 'default',
  };
}

function listRules(input: JsonObject, context: EventsContext): JsonObject {
  const prefix = optionalText(input, 'NamePrefix') ?? '';
  const rules = context.store.rules().filter(({ name }) => name.startsWith(prefix));
  return pageOf(
    input,
    'Rules',
    rules.map((rule) => described(rule, context)),
  );
}

function deleteRule(input: JsonObject, context: EventsContext): JsonObject {
  const name = text(input, 'Name');
  checkChangeable(name, context);
  if (context.store.targets(name).length > 0) throw invalid("Rule can't be deleted since it has targets.");
  context.store.delete(name);
  context.changed();
  return {};
}

function enable(input: JsonObject, context: EventsContext, enabled: boolean): JsonObject {
  const { name } = findRule(input, context);
  checkChangeable(name, context);
  context.store.enable(name, enabled, context.now());
  context.changed();
  return {};
}

const MOST_TARGETS = 5;

function putTargets(input: JsonObject, context: EventsContext): JsonObject {
  const { name } = findRule(input, context, 'Rule');
  checkChangeable(name, context);
  const targets = listOf(input, 'Targets').map(checkTarget);
  const ids = new Set([...context.store.targets(name), ...targets].map(({ Id }) => Id));
  if (ids.size > MOST_TARGETS)
    throw new ServiceError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
  for (const target of targets) context.store.putTarget(name, target);
  return { FailedEntryCount: 0, FailedEntries: [] };
}

function removeTargets(input: JsonObject, context: EventsContext): JsonObject {
  const { name } = findRule(input, context, 'Rule');
  checkChangeable(name, context);
  const failed = listOf(input, 'Ids')
    .map(String)
    .filter((id) => !context.store.removeTarget(name, id))
    .map((id) => ({
      TargetId: id,
      ErrorCode: 'ResourceNotFoundException',
      ErrorMessage: `Rule ${name} does not have a target with id ${id}.`,
    }));
  return { FailedEntryCount: failed.length, FailedEntries: failed };
}

function listOf(input: JsonObject, name: string): readonly Json[] {
  const list = member(input, name) ?? [];
  if (!isArray(list) || list.length === 0) throw invalid(`${name} must be a list that is not empty.`);
  return list;
}

function listTargets(input: JsonObject, context: EventsContext): JsonObject {
  const { name } = findRule(input, context, 'Rule');
  return pageOf(input, 'Targets', context.store.targets(name));
}

function listRuleNames(input: JsonObject, { store }: EventsContext): JsonObject {
  const arn = text(input, 'TargetArn');
  const rules = store.rules().filter(({ name }) => store.targets(name).some((target) => target.Arn === arn));
  return pageOf(
    input,
    'RuleNames',
    rules.map(({ name }) => name),
  );
}

/** What every event has. */
const EVENT_MEMBERS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

/** @throws ServiceError ValidationException */
function testedEvent(given: string): JsonObject {
  let event: Json;
  try {
    event = JSON.parse(given) as Json;
  } catch (error) {
    throw invalid(`Parameter Event is not valid. Reason: it is no JSON: ${(error as Error).message}`);
  }
  if (!isObject(event)) throw invalid('Parameter Event is not valid. Reason: it must be an object.');
  const missing = EVENT_MEMBERS.filter((name) => member(event, name) === undefined);
  if (missing.length > 0) throw invalid(`Parameter Event is not valid. Reason: it lacks ${missing.join(', ')}.`);
  return event;
}

function testPattern(input: JsonObject): JsonObject {
  const pattern = parsePattern(text(input, 'EventPattern'), findPatternProblem);
  return { Result: matchesPattern(pattern, testedEvent(text(input, 'Event'))) };
}

function pageOf(input: JsonObject, name: string, all: readonly Json[]): JsonObject {
  const token = optionalText(input, 'NextToken') ?? '0';
  const limit = Number(member(input, 'Limit') ?? 100);
  if (!/^\d{1,9}$/.test(token)) throw invalid('NextToken is none that was given here.');
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalid('Limit must be between 1 and 100.');
  const end = Number(token) + limit;
  return { [name]: all.slice(Number(token), end), ...(end < all.length && { NextToken: String(end) }) };
}
