/** The name of the execution that an object event starts: the same for every delivery of the event (I5). */
import { createHash } from 'node:crypto';
import type { ObjectEvent, ObjectInfo } from '../ports/objects.ts';
import { splitKey } from './object-key.ts';
import type { Trigger } from './trigger.ts';

const LONGEST = 80;
const HASH = 16;

/** As much of an event as tells it from all others. */
export interface Started {
  readonly object: Pick<ObjectInfo, 'bucket' | 'key' | 'sequencer'>;
}

/** SHA-256 in hex of what makes a start one of its kind. */
export function startHash(trigger: Pick<Trigger, 'name'>, { object }: Started): string {
  const parts = [trigger.name, object.bucket, object.key, object.sequencer];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * A readable stem of the key and 16 hexadecimal digits that tell it from all others. Only letters, digits, hyphens and
 * underscores, which every part of AWS takes; letters with marks lose the marks.
 */
export function executionName(trigger: Trigger, event: ObjectEvent): string {
  const stem = readable(splitKey(event.object.key).stem) || readable(trigger.name) || 'object';
  return `${stem}-${startHash(trigger, event).slice(0, HASH)}`;
}

function readable(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .slice(0, LONGEST - HASH - 1)
    .replace(/^-+|-+$/g, '');
}
