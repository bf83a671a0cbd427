/** Events onto the bus: each is held against every rule, and what the rules want is accepted as a whole. */
import { randomUUID } from 'node:crypto';
import { isArray, isObject, type Json, type JsonObject, member, utf8Length } from '../../json.ts';
import type { Delivery } from '../../ports/deliveries.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { matchesPattern } from '../event-pattern.ts';
import type { EventsContext } from './actions.ts';
import { type BusEvent, eventOf } from './event.ts';
import { checkBus, checkMembers, invalid, optionalText } from './events-error.ts';
import { deliveryTo } from './target.ts';

export const ENTRY_MEMBERS: readonly string[] = [
  'Time',
  'Source',
  'Resources',
  'DetailType',
  'Detail',
  'EventBusName',
  'TraceHeader',
];
const MOST_ENTRIES = 10;
const MOST_BYTES = 1_048_576;

/** @throws ServiceError ValidationException where the request as a whole cannot be */
export function putEvents(input: JsonObject, context: EventsContext): JsonObject {
  const entries = member(input, 'Entries') ?? [];
  if (!isArray(entries) || entries.length === 0) throw lengthError(entries, 'greater than or equal to 1');
  if (entries.length > MOST_ENTRIES) throw lengthError(entries, `less than or equal to ${MOST_ENTRIES}`);
  if (entries.reduce<number>((sum, entry) => sum + entryBytes(entry), 0) > MOST_BYTES)
    throw invalid('Total size of the entries in the request is over the limit.');
  const events: BusEvent[] = [];
  const answers = entries.map((entry): JsonObject => {
    try {
      const event = eventOfEntry(entry, context);
      events.push(event);
      return { EventId: event.id };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return { ErrorCode: error.code, ErrorMessage: error.message };
    }
  });
  const answer = { Entries: answers, FailedEntryCount: entries.length - events.length };
  const { idempotencyKey: key } = context;
  return context.deliveries.accept(answer, deliveriesOf(events, context), key === undefined ? key : `events/${key}`);
}

/** As EventBridge counts them. */
function entryBytes(entry: Json): number {
  if (!isObject(entry)) return 0;
  const resources = member(entry, 'Resources');
  const texts = ['Source', 'DetailType', 'Detail'].map((name) => member(entry, name));
  return [...texts, ...(isArray(resources) ? resources : [])].reduce<number>(
    (sum, text) => sum + (typeof text === 'string' ? utf8Length(text) : 0),
    member(entry, 'Time') === undefined ? 0 : 14,
  );
}

/** What the rules make of events. */
export function deliveriesOf(events: readonly BusEvent[], context: EventsContext): Delivery[] {
  const rules = context.store.rules().filter(({ enabled, pattern }) => enabled && pattern !== undefined);
  return rules.flatMap((rule) => {
    const wanted = events.filter((event) => matchesPattern(rule.pattern ?? {}, event));
    if (wanted.length === 0) return [];
    const ref = { name: rule.name, arn: context.ruleArn(rule.name), at: context.now() };
    const targets = context.store.targets(rule.name);
    return wanted.flatMap((event) => targets.map((target) => deliveryTo(target, event, ref)));
  });
}

function eventOfEntry(entry: Json, { place, now }: EventsContext): BusEvent {
  if (!isObject(entry)) throw invalid('An entry must be a structure.');
  checkMembers('PutEvents', entry, ENTRY_MEMBERS);
  checkBus(entry);
  const source = required(entry, 'Source');
  const detailType = required(entry, 'DetailType');
  const detail = detailOf(required(entry, 'Detail'));
  if (source.startsWith('aws.'))
    throw new ServiceError('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const resources = member(entry, 'Resources') ?? [];
  if (!isArray(resources) || resources.some((one) => typeof one !== 'string'))
    throw argumentError('Resources', 'Resources must be a list of texts.');
  return eventOf(
    {
      id: randomUUID(),
      source,
      detailType,
      at: timeOf(entry) ?? now(),
      resources: resources as readonly string[],
      detail,
    },
    place,
  );
}

function required(entry: JsonObject, name: string): string {
  const value = optionalText(entry, name);
  if (value === undefined || value === '') throw argumentError(name, `${name} is a required argument.`);
  return value;
}

function argumentError(name: string, reason: string): ServiceError {
  return new ServiceError('InvalidArgument', `Parameter ${name} is not valid. Reason: ${reason}`);
}

function detailOf(text: string): JsonObject {
  try {
    const detail = JSON.parse(text) as Json;
    if (isObject(detail)) return detail;
  } catch {
    // Told as any other text that is no object.
  }
  throw new ServiceError('MalformedDetail', 'Detail is malformed.');
}

/** Seconds on the wire, a text in a task. */
function timeOf(entry: JsonObject): number | undefined {
  const time = member(entry, 'Time') ?? null;
  if (time === null) return undefined;
  const at = typeof time === 'number' ? time * 1000 : typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) throw argumentError('Time', 'Time must be a time.');
  return at;
}

function lengthError(entries: Json, constraint: string): ServiceError {
  const shown = JSON.stringify(entries).slice(0, 200);
  return invalid(
    `1 validation error detected: Value '${shown}' at 'entries' failed to satisfy constraint: Member must have length ${constraint}`,
  );
}
