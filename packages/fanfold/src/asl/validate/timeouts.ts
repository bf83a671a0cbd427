/** A heartbeat that is no shorter than the timeout could never be missed (ASL, Task state). */
import { type Check, schemaError } from './problem.ts';
import { isLess } from './error-handlers.ts';

export const checkTimeouts: Check = ({ states }) =>
  states
    .filter(({ type, json }) => type === 'Task' && !isLess(json, 'HeartbeatSeconds', 'TimeoutSeconds'))
    .map(({ at }) =>
      schemaError(at, 'HeartbeatSeconds must be less than TimeoutSeconds', { exact: at.in('HeartbeatSeconds') }),
    );
