/**
 * Tells of which invocation a request is, where one worker runs several at once: its clients keep a key once they have read it.
 * It adds no rights to those of the key that signs.
 */
export const SESSION_HEADER = 'x-fanfold-session';
