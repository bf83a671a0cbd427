/** Creating, changing, showing and deleting state machines. */
import { ServiceError } from '../../ports/service-error.ts';
import { describedMachine, listedMachine } from '../machine-shape.ts';
import { pageOf } from '../page.ts';
import { given, oneOf, required, text } from '../params.ts';
import { checkArn, checkMachineArn, checkRoleArn } from '../states-arn.ts';
import { type Action, action, arnField, maxResultsField, nameField, pageSize, seconds, tokenField } from './action.ts';
import { PUBLISH, readPublish, readSettings, SETTINGS, warnOfSettings } from './settings.ts';
import { readTags, TAGS } from './tags.ts';

const definitionField = text({ min: 1, max: 1_048_576, sensitive: true });
const includedDataField = oneOf('ALL_DATA', 'METADATA_ONLY');

export const stateMachineActions: Readonly<Record<string, Action>> = {
  CreateStateMachine: action(
    {
      name: required(nameField),
      definition: required(definitionField),
      roleArn: required(arnField),
      type: oneOf('STANDARD', 'EXPRESS'),
      tags: TAGS,
      ...SETTINGS,
      ...PUBLISH,
    },
    async ({ name, definition, roleArn, type = 'STANDARD', tags, ...rest }, { stateMachines, logger }) => {
      checkRoleArn(roleArn);
      const { record, version } = await stateMachines.create({
        name,
        definition,
        roleArn,
        type,
        tags: readTags(tags),
        ...given({ settings: readSettings(rest), publish: readPublish(rest) }),
      });
      warnOfSettings(record.arn, record.settings, logger);
      return {
        stateMachineArn: record.arn,
        creationDate: seconds(record.createdAt),
        ...(version && { stateMachineVersionArn: `${record.arn}:${version.number}` }),
      };
    },
  ),

  UpdateStateMachine: action(
    { stateMachineArn: required(arnField), definition: definitionField, roleArn: arnField, ...SETTINGS, ...PUBLISH },
    async ({ stateMachineArn, definition, roleArn, ...rest }, { stateMachines, logger, now, ...place }) => {
      checkMachineArn(stateMachineArn, place);
      if (roleArn !== undefined) checkRoleArn(roleArn);
      const settings = readSettings(rest);
      if (definition === undefined && roleArn === undefined && settings === undefined)
        throw new ServiceError(
          'MissingRequiredParameter',
          'Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration, or the TracingConfiguration must be specified',
        );
      const { record, version } = await stateMachines.update({
        stateMachineArn,
        ...given({ definition, roleArn, settings, publish: readPublish(rest) }),
      });
      if (settings) warnOfSettings(record.arn, record.settings, logger);
      return {
        updateDate: seconds(now()),
        ...(record.revisionId !== null && { revisionId: record.revisionId }),
        ...(version && { stateMachineVersionArn: `${record.arn}:${version.number}` }),
      };
    },
  ),

  DescribeStateMachine: action(
    { stateMachineArn: required(arnField), includedData: includedDataField },
    async ({ stateMachineArn, includedData }, { stateMachines, details, ...place }) => {
      const machine = await stateMachines.describe(checkArn(stateMachineArn, 'stateMachine', place));
      return {
        ...describedMachine(machine, { data: includedData !== 'METADATA_ONLY', details }),
        status: machine.status,
        type: machine.type,
        creationDate: seconds((machine.version ?? machine).createdAt),
      };
    },
  ),

  DescribeStateMachineForExecution: action(
    { executionArn: required(arnField), includedData: includedDataField },
    async ({ executionArn, includedData }, { stateMachines, details, ...place }) => {
      const machine = await stateMachines.describeForExecution(checkArn(executionArn, 'execution', place));
      return {
        ...describedMachine(machine, { data: includedData !== 'METADATA_ONLY', details }),
        updateDate: seconds(machine.updatedAt),
      };
    },
  ),

  ListStateMachines: action(
    { maxResults: maxResultsField, nextToken: tokenField },
    async ({ maxResults, nextToken }, { stateMachines, details }) => {
      const items = [...(await stateMachines.list())].sort((a, b) => (a.name < b.name ? -1 : 1));
      const { page, next } = pageOf({
        listing: ['ListStateMachines'],
        items,
        keyOf: ({ name }) => name,
        limit: pageSize(maxResults),
        nextToken,
      });
      return { stateMachines: page.map((machine) => listedMachine(machine, details)), ...next };
    },
  ),

  DeleteStateMachine: action({ stateMachineArn: required(arnField) }, async ({ stateMachineArn }, context) => {
    await context.stateMachines.remove(checkMachineArn(stateMachineArn, context));
    return {};
  }),
};
