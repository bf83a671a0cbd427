/** The ARNs that come with a request: well-formed, of the kind that the action takes, and of this server. */
import { ServiceError } from '../ports/service-error.ts';

export interface Place {
  readonly region: string;
  readonly account: string;
}

type ArnKind = 'stateMachine' | 'execution';

interface Kind {
  readonly type: string;
  /** Parts between colons that it has at least. */
  readonly parts: number;
  readonly missing: (arn: string) => { readonly code: string; readonly message: string };
}

const KINDS: Readonly<Record<ArnKind, Kind>> = {
  stateMachine: {
    type: 'stateMachine',
    parts: 7,
    missing: (arn) => ({ code: 'StateMachineDoesNotExist', message: `State Machine Does Not Exist: '${arn}'` }),
  },
  execution: {
    type: 'execution',
    parts: 8,
    missing: (arn) => ({ code: 'ExecutionDoesNotExist', message: `Execution Does Not Exist: '${arn}'` }),
  },
};

/** @throws ServiceError InvalidArn; StateMachineDoesNotExist, ExecutionDoesNotExist for another account or region */
export function checkArn(arn: string, kind: ArnKind, { region, account }: Place): string {
  const [prefix, partition = '', service, arnRegion, arnAccount, type = '', ...rest] = arn.split(':');
  if (prefix !== 'arn' || !/^aws[a-z-]*$/.test(partition)) throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (service !== 'states') throw invalidArn(`Invalid service in ARN: ${arn}`);
  if (type !== KINDS[kind].type) throw invalidArn(`Resource type not valid in this context: ${type}`);
  if (6 + rest.length < KINDS[kind].parts || rest.includes('')) throw invalidArn(`Incomplete ARN: ${arn}`);
  if (partition === 'aws' && arnRegion === region && arnAccount === account) return arn;
  const { code, message } = KINDS[kind].missing(arn);
  throw new ServiceError(code, `${message}. Here, ARNs begin with arn:aws:states:${region}:${account}:`);
}

export function stateMachineArn(name: string, { region, account }: Place): string {
  return `arn:aws:states:${region}:${account}:stateMachine:${name}`;
}

function invalidArn(reason: string): ServiceError {
  return new ServiceError('InvalidArn', `Invalid Arn: '${reason}'`);
}
