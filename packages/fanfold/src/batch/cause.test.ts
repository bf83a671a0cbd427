import { expect, it } from 'vitest';
import { crashMessage } from './cause.ts';

it.each([
  [
    'Runtime.ExitError',
    '{"errorMessage":"RequestId: 5-a Error: Runtime exited with error: exit status 3"}',
    'Runtime exited with error: exit status 3',
  ],
  ['Sandbox.Timedout', 'no JSON', 'no JSON'],
  ['States.Timeout', null, 'States.Timeout'],
  // JSONata leaves members out that have no value.
  ['States.Timeout', undefined, 'States.Timeout'],
])('a record that has ended its worker with %s and %j is told so', (error, cause, message) => {
  expect(crashMessage(error, cause)).toBe(`The record has ended its worker: ${message}`);
});
