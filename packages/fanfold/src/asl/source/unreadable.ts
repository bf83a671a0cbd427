/** What a text that cannot be read gives. */
import type { Finding } from '../finding.ts';
import type { Position } from './source.ts';

/** How deep arrays and objects may stand in one another: all that walks a document stays far from the stack's end. */
export const MAX_LEVELS = 1000;

/** How many places are noted of each kind of thing that only deserves a warning. */
export const MAX_NOTED = 1000;

export function unreadable(message: string, position?: Position, location?: string): Finding {
  return {
    severity: 'ERROR',
    code: 'INVALID_JSON_DESCRIPTION',
    message,
    ...(location === undefined ? {} : { location }),
    ...position,
  };
}

export function tooDeep(what: string, position?: Position, location?: string): Finding {
  return { ...unreadable(what, position, location), code: 'TOO_DEEPLY_NESTED' };
}
