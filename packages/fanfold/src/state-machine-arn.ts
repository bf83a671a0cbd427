/** ARNs of state machines, and of their versions and aliases, which have one part more. */

export interface MachineArn {
  /** Of the state machine itself. */
  readonly machine: string;
  /** The number of a version or the name of an alias; undefined when the machine itself is named. */
  readonly qualifier: string | undefined;
}

const PARTS = 7;

export function splitMachineArn(arn: string): MachineArn {
  const parts = arn.split(':');
  if (parts.length <= PARTS) return { machine: arn, qualifier: undefined };
  return { machine: parts.slice(0, PARTS).join(':'), qualifier: parts.slice(PARTS).join(':') };
}

/** The name of the state machine of an execution, a map run or itself, by the ARN of any of them. */
export function machineNameOf(arn: string): string {
  return arn.split(':')[6]?.split('/')[0] ?? '';
}

export function qualifiedArn(machineArn: string, qualifier: string | number): string {
  return `${machineArn}:${qualifier}`;
}

/** Of an execution of the state machine that the ARN names, itself or by a version or an alias. */
export function executionArn(stateMachineArn: string, name: string): string {
  return `${splitMachineArn(stateMachineArn).machine.replace(':stateMachine:', ':execution:')}:${name}`;
}

/** Names of EXPRESS executions need not be unique: their ARNs have a part more. */
export function expressArn(stateMachineArn: string, name: string, part: string): string {
  return `${splitMachineArn(stateMachineArn).machine.replace(':stateMachine:', ':express:')}:${name}:${part}`;
}

/** The number that an ARN's qualifier names a version by; undefined when it names none. An alias is never all digits. */
export function versionNumber(qualifier: string | undefined): number | undefined {
  return qualifier !== undefined && /^[1-9]\d{0,8}$/.test(qualifier) ? Number(qualifier) : undefined;
}
