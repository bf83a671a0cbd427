/** Events of a history as rows of a table. */
import type { HistoryEvent } from '../interpreter/history.ts';
import { isObject, type JsonObject } from '../json.ts';
import { visible } from '../visible.ts';
import { causeText } from './execution-text.ts';

export const EVENT_COLUMNS: readonly string[] = ['ID', 'TIME', 'EVENT', 'STATE', 'DETAIL'];

const LONGEST_DETAIL = 100;

/** What an event says beside its type, in the order in which it is looked for. */
const SAID: readonly string[] = ['input', 'parameters', 'output', 'resource', 'length', 'redriveCount'];

/** Makes rows of events that come in order; it remembers which state each belongs to. */
export function eventRows(startedAt: number): (event: HistoryEvent) => readonly string[] {
  const states = new Map<number, string>();
  return (event) => {
    const details = detailsOf(event);
    const named = details['name'] ?? details['state'];
    const state =
      typeof named === 'string' ? named : belongsToState(event) ? (states.get(event.previousEventId) ?? '') : '';
    if (state !== '') states.set(event.id, state);
    return [
      String(event.id),
      relativeTime(Number(event.timestamp) - startedAt),
      event.type,
      visible(state),
      detailText(details),
    ];
  };
}

function belongsToState({ type }: HistoryEvent): boolean {
  return !type.startsWith('Execution');
}

/** `+1.234` seconds; from a minute on `+1:02.345`, from an hour on `+1:00:02.345`. */
export function relativeTime(milliseconds: number): string {
  const seconds = ((milliseconds % 60_000) / 1000).toFixed(3);
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes === 0) return `+${seconds}`;
  const hours = Math.floor(minutes / 60);
  const padded = seconds.padStart(6, '0');
  if (hours === 0) return `+${minutes}:${padded}`;
  return `+${hours}:${String(minutes % 60).padStart(2, '0')}:${padded}`;
}

function detailText(details: JsonObject): string {
  const { error, cause, index } = details;
  if (typeof error === 'string' || typeof cause === 'string')
    return oneLine([error, typeof cause === 'string' ? causeText(cause) : undefined].filter(Boolean).join(': '));
  const said = SAID.find((name) => details[name] !== undefined);
  if (said !== undefined)
    return oneLine(said === 'length' || said === 'redriveCount' ? `${said} ${details[said]}` : String(details[said]));
  return index === undefined ? '' : `index ${String(index)}`;
}

function oneLine(text: string): string {
  const line = visible(text.replaceAll(/\s+/g, ' '));
  return line.length <= LONGEST_DETAIL ? line : `${line.slice(0, LONGEST_DETAIL - 1)}…`;
}

function detailsOf(event: HistoryEvent): JsonObject {
  const details = Object.entries(event).find(([name]) => name.endsWith('EventDetails'))?.[1];
  return isObject(details) ? details : {};
}
