/** State machines: what is kept of one, and what can be done with it. */
import type { ExecutionType } from '../interpreter/execution.ts';
import type { JsonObject } from '../json.ts';

/** What an update changes, and what a version fixes. */
export interface Revision {
  /** Hash of the definition. */
  readonly definition: string;
  readonly roleArn: string;
  /** Null until the first change, as on AWS, where `INITIAL` names that revision. */
  readonly revisionId: string | null;
  readonly settings: MachineSettings;
}

/** In AWS's shapes, with all defaults written out. */
export interface MachineSettings {
  readonly logging: JsonObject;
  readonly tracing: JsonObject;
  readonly encryption: JsonObject;
}

export interface StateMachineVersion extends Revision {
  readonly number: number;
  readonly description: string | null;
  /** Milliseconds since the epoch, here and below. */
  readonly createdAt: number;
}

/** Sends this share of the executions, in percent, to a version. */
export interface Route {
  readonly version: number;
  readonly weight: number;
}

export interface StateMachineAlias {
  readonly name: string;
  readonly description: string | null;
  /** One or two; their weights make 100. */
  readonly routes: readonly Route[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/**
 * All that is kept of a state machine, as one record: its versions and aliases change together with it. The members of
 * {@link Revision} are those that new executions begin with.
 */
export interface StateMachineRecord extends Revision {
  readonly arn: string;
  readonly name: string;
  readonly type: ExecutionType;
  /** One that is being deleted takes no more executions, and is gone when the last one has ended. */
  readonly status: 'ACTIVE' | 'DELETING';
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: readonly Tag[];
  /** Oldest first. */
  readonly versions: readonly StateMachineVersion[];
  /** The number of the last version ever published: numbers are not given twice. */
  readonly lastVersion: number;
  /** Oldest first. */
  readonly aliases: readonly StateMachineAlias[];
}

/** A state machine, or one version of it: then {@link Revision}'s members are the version's. */
export interface DescribedStateMachine extends StateMachineRecord {
  readonly definitionText: string;
  readonly version: StateMachineVersion | null;
  /** Of an execution that was redriven with another definition: those before, each for events up to one, oldest first. */
  readonly formerDefinitions?: readonly { readonly text: string; readonly throughEvent: number }[];
}

export interface StateMachineParams {
  readonly name: string;
  /** The text of the definition. */
  readonly definition: string;
  readonly roleArn: string;
  readonly type: ExecutionType;
}

export interface StateMachines {
  /** Makes the machine, or gives an existing one a new definition; running executions keep theirs. @throws ServiceError InvalidDefinition */
  put(params: StateMachineParams): Promise<StateMachineRecord>;
  /** @param stateMachineArn may name a version. @throws ServiceError StateMachineDoesNotExist */
  describe(stateMachineArn: string): Promise<DescribedStateMachine>;
  /** The machine with the definition and the role that this execution began with. @throws ServiceError ExecutionDoesNotExist */
  describeForExecution(executionArn: string): Promise<DescribedStateMachine>;
  /** By name. */
  list(): Promise<readonly StateMachineRecord[]>;
}

/** Asks for a version of what was made or changed. */
export interface Publish {
  readonly description: string | null;
}

export interface CreateParams extends StateMachineParams {
  readonly settings?: Partial<MachineSettings>;
  readonly tags: readonly Tag[];
  readonly publish?: Publish;
}

/** Only what is given is changed. */
export interface UpdateParams {
  readonly stateMachineArn: string;
  readonly definition?: string;
  readonly roleArn?: string;
  readonly settings?: Partial<MachineSettings>;
  readonly publish?: Publish;
}

/** The record as it is then, and the version that was asked for. */
export interface Changed {
  readonly record: StateMachineRecord;
  readonly version: StateMachineVersion | null;
}

export interface AliasParams {
  readonly name: string;
  readonly description: string | null;
  /** ARNs of versions of one machine. */
  readonly routes: readonly { readonly versionArn: string; readonly weight: number }[];
}

/**
 * What the Step Functions API does with state machines, refusing in AWS's words. Requests that change one run one after
 * the other. Beside the errors named, each refuses a machine that is not there or is being deleted.
 */
export interface StateMachineAdmin extends StateMachines {
  /**
   * Creating what is there already with the same definition, type and settings is no error, and then a different role or
   * tags are not taken over.
   * @throws ServiceError StateMachineAlreadyExists, InvalidDefinition, InvalidName
   */
  create(params: CreateParams): Promise<Changed>;
  /** @throws ServiceError InvalidDefinition */
  update(params: UpdateParams): Promise<Changed>;
  /** Deleting what is not there changes nothing. */
  remove(stateMachineArn: string): Promise<void>;
  /**
   * A revision has one version at most.
   * @throws ServiceError ConflictException when `revisionId` is not the current one
   */
  publish(params: {
    readonly stateMachineArn: string;
    readonly revisionId?: string;
    readonly description: string | null;
  }): Promise<StateMachineVersion>;
  /** @throws ServiceError ConflictException when an alias leads to it */
  removeVersion(versionArn: string): Promise<void>;
  /** @throws ServiceError ConflictException, ValidationException, ResourceNotFound */
  createAlias(params: AliasParams): Promise<{ readonly aliasArn: string; readonly alias: StateMachineAlias }>;
  /** @throws ServiceError ValidationException, ResourceNotFound */
  updateAlias(params: Partial<Omit<AliasParams, 'name'>> & { readonly aliasArn: string }): Promise<StateMachineAlias>;
  /** @throws ServiceError ResourceNotFound */
  describeAlias(aliasArn: string): Promise<{ readonly alias: StateMachineAlias; readonly stateMachineArn: string }>;
  removeAlias(aliasArn: string): Promise<void>;
  /** @throws ServiceError ResourceNotFound, TooManyTags */
  tag(resourceArn: string, tags: readonly Tag[]): Promise<void>;
  /** @throws ServiceError ResourceNotFound */
  tags(resourceArn: string): Promise<readonly Tag[]>;
  /** @throws ServiceError ResourceNotFound */
  untag(resourceArn: string, keys: readonly string[]): Promise<void>;
}
