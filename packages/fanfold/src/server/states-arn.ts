/** The ARNs that come with a request: well-formed, of the kind that the action takes, and of this server. */
import { ServiceError } from '../ports/service-error.ts';
import { splitMachineArn, versionNumber } from '../state-machine-arn.ts';
import { validationException } from './params.ts';

export interface Place {
  readonly region: string;
  readonly account: string;
}

type ArnKind = 'stateMachine' | 'execution' | 'activity' | 'mapRun';

interface Kind {
  readonly type: string;
  /** Parts between colons that it has at least, and at most. */
  readonly parts: readonly [number, number];
  readonly missing: (arn: string) => { readonly code: string; readonly message: string };
}

const KINDS: Readonly<Record<ArnKind, Kind>> = {
  stateMachine: {
    type: 'stateMachine',
    parts: [7, 8],
    missing: (arn) => ({ code: 'StateMachineDoesNotExist', message: `State Machine Does Not Exist: '${arn}'` }),
  },
  execution: {
    type: 'execution',
    parts: [8, 8],
    missing: (arn) => ({ code: 'ExecutionDoesNotExist', message: `Execution Does Not Exist: '${arn}'` }),
  },
  mapRun: {
    type: 'mapRun',
    parts: [8, 8],
    missing: (arn) => ({ code: 'ResourceNotFound', message: `Map Run does not exist: '${arn}'` }),
  },
  activity: {
    type: 'activity',
    parts: [7, 7],
    missing: (arn) => ({ code: 'ActivityDoesNotExist', message: `Activity Does Not Exist: '${arn}'` }),
  },
};

/**
 * An ARN of a state machine may name a version or an alias too.
 * @throws ServiceError InvalidArn; StateMachineDoesNotExist, ExecutionDoesNotExist, ActivityDoesNotExist for another account or region
 */
export function checkArn(arn: string, kind: ArnKind, { region, account }: Place): string {
  const [prefix, partition = '', service, arnRegion, arnAccount, type = '', ...rest] = arn.split(':');
  const [least, most] = KINDS[kind].parts;
  if (prefix !== 'arn' || !/^aws[a-z-]*$/.test(partition)) throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (service !== 'states') throw invalidArn(`Invalid service in ARN: ${arn}`);
  if (type !== KINDS[kind].type) throw invalidArn(`Resource type not valid in this context: ${type}`);
  if (6 + rest.length < least || rest.includes('')) throw invalidArn(`Incomplete ARN: ${arn}`);
  if (6 + rest.length > most) throw invalidArn(`Too many parts in ARN: ${arn}`);
  if (partition === 'aws' && arnRegion === region && arnAccount === account) return arn;
  const { code, message } = KINDS[kind].missing(arn);
  throw new ServiceError(code, message);
}

/** The ARN of a state machine itself. @throws ServiceError ValidationException for one of a version or an alias, and as {@link checkArn} */
export function checkMachineArn(arn: string, place: Place): string {
  checkArn(arn, 'stateMachine', place);
  if (splitMachineArn(arn).qualifier === undefined) return arn;
  throw validationException(
    `This action takes no ARN of a version or an alias: '${arn}'. Pass the state machine's own.`,
  );
}

/** The ARN of what can have tags: an activity, or a state machine, but no version or alias. @throws ServiceError ResourceNotFound, and as {@link checkArn} */
export function checkTaggableArn(arn: string, place: Place): string {
  if (isActivityArn(arn)) return checkArn(arn, 'activity', place);
  checkArn(arn, 'stateMachine', place);
  if (splitMachineArn(arn).qualifier === undefined) return arn;
  throw new ServiceError('ResourceNotFound', `Resource not found: '${arn}'`);
}

export function isActivityArn(arn: string): boolean {
  return arn.split(':')[5] === 'activity';
}

/** @throws ServiceError InvalidArn, and as {@link checkArn} */
export function checkVersionArn(arn: string, place: Place): string {
  checkArn(arn, 'stateMachine', place);
  if (versionNumber(splitMachineArn(arn).qualifier) !== undefined) return arn;
  throw invalidArn(`The ARN of a state machine version ends with its number: ${arn}`);
}

/** @throws ServiceError InvalidArn, and as {@link checkArn} */
export function checkAliasArn(arn: string, place: Place): string {
  checkArn(arn, 'stateMachine', place);
  const { qualifier } = splitMachineArn(arn);
  if (qualifier !== undefined && versionNumber(qualifier) === undefined) return arn;
  throw invalidArn(`The ARN of a state machine alias ends with its name: ${arn}`);
}

/** @throws ServiceError InvalidArn */
export function checkRoleArn(arn: string): string {
  if (/^arn:aws[a-z-]*:/.test(arn)) return arn;
  throw invalidArn(`Invalid ARN prefix: ${arn}`);
}

function invalidArn(reason: string): ServiceError {
  return new ServiceError('InvalidArn', `Invalid Arn: '${reason}'`);
}
