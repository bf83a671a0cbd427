/** Creating, changing and showing state machines. */
import { createHash } from 'node:crypto';
import { isArray, type JsonObject } from '../../json.ts';
import type { StateMachineParams } from '../../ports/executions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { StateMachineRecord } from '../../ports/store.ts';
import { decodePageToken, encodePageToken } from '../page-token.ts';
import { flag, integer, list, oneOf, type Params, required, structure, text, validationException } from '../params.ts';
import { checkArn, stateMachineArn } from '../states-arn.ts';
import {
  type Action,
  type ActionContext,
  action,
  arnField,
  nameField,
  pageSize,
  seconds,
  tokenField,
} from './action.ts';

type Described = StateMachineRecord & { readonly definitionText: string };

const definitionField = text({ min: 1, max: 1_048_576, sensitive: true });

/** What AWS lets set beside a definition, and Fanfold does not act on yet. */
const SETTINGS = {
  loggingConfiguration: structure,
  tracingConfiguration: structure,
  encryptionConfiguration: structure,
  publish: flag,
  versionDescription: text({ max: 256, sensitive: true }),
};

export const stateMachineActions: Readonly<Record<string, Action>> = {
  CreateStateMachine: action(
    {
      name: required(nameField),
      definition: required(definitionField),
      roleArn: required(arnField),
      type: oneOf('STANDARD', 'EXPRESS'),
      tags: list,
      ...SETTINGS,
    },
    async ({ name, definition, roleArn, type = 'STANDARD', ...settings }, context) => {
      checkSettings(settings, name, context);
      const machine = await context.serially(() => create({ name, definition, roleArn, type }, context));
      return { stateMachineArn: machine.arn, creationDate: seconds(machine.createdAt) };
    },
  ),

  UpdateStateMachine: action(
    { stateMachineArn: required(arnField), definition: definitionField, roleArn: arnField, ...SETTINGS },
    async ({ stateMachineArn: arn, definition, roleArn, ...settings }, context) => {
      checkArn(arn, 'stateMachine', context);
      if ([definition, roleArn, ...Object.values(settings)].every((value) => value === undefined))
        throw new ServiceError(
          'MissingRequiredParameter',
          'Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration, or the TracingConfiguration must be specified',
        );
      checkSettings(settings, arn, context);
      const machine = await context.serially(async () => {
        const before = await context.stateMachines.describe(arn);
        return context.stateMachines.put({
          name: before.name,
          type: before.type,
          definition: definition ?? before.definitionText,
          roleArn: roleArn ?? before.roleArn,
        });
      });
      return { updateDate: seconds(context.now()), revisionId: revisionOf(machine) };
    },
  ),

  DescribeStateMachine: action(
    { stateMachineArn: required(arnField), includedData: oneOf('ALL_DATA', 'METADATA_ONLY') },
    async ({ stateMachineArn: arn, includedData }, context) => {
      const machine = await context.stateMachines.describe(checkArn(arn, 'stateMachine', context));
      return {
        ...common(machine, includedData !== 'METADATA_ONLY'),
        status: 'ACTIVE',
        type: machine.type,
        creationDate: seconds(machine.createdAt),
        ...(context.details && { fanfold: { definition: machine.definition } }),
      };
    },
  ),

  DescribeStateMachineForExecution: action(
    { executionArn: required(arnField), includedData: oneOf('ALL_DATA', 'METADATA_ONLY') },
    async ({ executionArn, includedData }, context) => {
      const machine = await context.stateMachines.describeForExecution(checkArn(executionArn, 'execution', context));
      return {
        ...common(machine, includedData !== 'METADATA_ONLY'),
        updateDate: seconds(machine.createdAt),
        ...(context.details && { fanfold: { definition: machine.definition, type: machine.type } }),
      };
    },
  ),

  ListStateMachines: action(
    { maxResults: integer({ min: 0, max: 1000 }), nextToken: tokenField },
    async ({ maxResults, nextToken }, context) => {
      const listing = ['ListStateMachines'];
      const after = nextToken === undefined ? undefined : decodePageToken(listing, nextToken, 'string');
      const all = [...(await context.stateMachines.list())].sort((a, b) => (a.name < b.name ? -1 : 1));
      const left = after === undefined ? all : all.filter(({ name }) => name > after);
      const page = left.slice(0, pageSize(maxResults));
      const last = page.at(-1);
      return {
        stateMachines: page.map((machine) => listItem(machine, context)),
        ...(last && left.length > page.length && { nextToken: encodePageToken(listing, last.name) }),
      };
    },
  ),
};

/**
 * As on AWS, creating what is there already with the same definition and type is no error, and a different role is not
 * taken over. @throws ServiceError StateMachineAlreadyExists
 */
async function create(params: StateMachineParams, context: ActionContext): Promise<StateMachineRecord> {
  const arn = stateMachineArn(params.name, context);
  const existing = await findMachine(arn, context);
  if (!existing) return context.stateMachines.put(params);
  if (existing.definitionText === params.definition && existing.type === params.type) return existing;
  throw new ServiceError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
}

async function findMachine(arn: string, { stateMachines }: ActionContext): Promise<Described | undefined> {
  try {
    return await stateMachines.describe(arn);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'StateMachineDoesNotExist') return undefined;
    throw error;
  }
}

/** Settings that change how AWS logs, traces or encrypts change no result here: they are taken, and said not to be kept. */
function checkSettings(
  { publish, versionDescription, ...settings }: Params<typeof SETTINGS>,
  stateMachine: string,
  { logger }: ActionContext,
): void {
  if (publish)
    throw validationException('publish: this server keeps no versions of state machines yet. Leave it out or false.');
  if (versionDescription !== undefined)
    throw validationException('Version description can only be set when publish is true');
  checkLogging(settings.loggingConfiguration);
  const ignored = Object.entries(settings).filter(([, value]) => value !== undefined);
  if (ignored.length > 0)
    logger.warn('Settings of a state machine that this server does not keep yet', {
      stateMachine,
      settings: ignored.map(([name]) => name),
    });
}

function checkLogging(logging: JsonObject | undefined): void {
  const { level = 'OFF', destinations = [] } = logging ?? {};
  const count = isArray(destinations) ? destinations.length : 0;
  if (count > 1 || (level !== 'OFF' && count !== 1))
    throw new ServiceError(
      'InvalidLoggingConfiguration',
      'Invalid Logging Configuration: Must specify exactly one Log Destination.',
    );
}

function common(machine: Described, includeDefinition: boolean): JsonObject {
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    ...(includeDefinition && { definition: machine.definitionText }),
    roleArn: machine.roleArn,
    revisionId: revisionOf(machine),
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
  };
}

function listItem(machine: StateMachineRecord, { details }: ActionContext): JsonObject {
  const { arn, name, type, createdAt, roleArn, definition } = machine;
  return {
    stateMachineArn: arn,
    name,
    type,
    creationDate: seconds(createdAt),
    ...(details && { fanfold: { roleArn, definition } }),
  };
}

/** A UUID made from what a revision is: the same definition and role are the same revision. */
function revisionOf({ arn, definition, roleArn }: StateMachineRecord): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([arn, definition, roleArn]))
    .digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
