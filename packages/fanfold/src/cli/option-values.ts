/** Values of options as numbers, and how a command gives back its exit code. */
import { InvalidArgumentError } from 'commander';

/** Takes the exit code of a command once it has ended. */
export type Finish = (command: Promise<number>) => Promise<void>;

export function positiveNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return number;
}

/** As AWS has it. */
const LONGEST_LINK = 604_800;

export function linkSeconds(text: string): number {
  const seconds = Number(text);
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_LINK))
    throw new InvalidArgumentError(`It must be a whole number of seconds from 1 to ${LONGEST_LINK}.`);
  return seconds;
}

/** More than a timer holds cannot be waited for. */
const LONGEST_WAIT = 2_000_000;

export function secondsNumber(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= LONGEST_WAIT) || text.trim() === '')
    throw new InvalidArgumentError(`It must be a number of seconds from 0 to ${LONGEST_WAIT}.`);
  return seconds;
}
