/** Versions of state machines. */
import { given, required, text } from '../params.ts';
import { pageOf } from '../page.ts';
import { checkMachineArn, checkVersionArn } from '../states-arn.ts';
import {
  type Action,
  action,
  arnField,
  longArnField,
  maxResultsField,
  pageSize,
  seconds,
  tokenField,
} from './action.ts';

export const versionActions: Readonly<Record<string, Action>> = {
  PublishStateMachineVersion: action(
    {
      stateMachineArn: required(arnField),
      revisionId: text({ max: 256 }),
      description: text({ max: 256, sensitive: true }),
    },
    async ({ stateMachineArn, revisionId, description = null }, context) => {
      checkMachineArn(stateMachineArn, context);
      const version = await context.stateMachines.publish({ stateMachineArn, description, ...given({ revisionId }) });
      return {
        stateMachineVersionArn: `${stateMachineArn}:${version.number}`,
        creationDate: seconds(version.createdAt),
      };
    },
  ),

  /** Newest first. */
  ListStateMachineVersions: action(
    { stateMachineArn: required(arnField), maxResults: maxResultsField, nextToken: tokenField },
    async ({ stateMachineArn, maxResults, nextToken }, context) => {
      const { versions } = await context.stateMachines.describe(checkMachineArn(stateMachineArn, context));
      const { page, next } = pageOf({
        listing: ['ListStateMachineVersions', stateMachineArn],
        items: versions.toReversed(),
        keyOf: ({ number }) => String(1e9 - number),
        limit: pageSize(maxResults),
        nextToken,
      });
      return {
        stateMachineVersions: page.map(({ number, createdAt }) => ({
          stateMachineVersionArn: `${stateMachineArn}:${number}`,
          creationDate: seconds(createdAt),
        })),
        ...next,
      };
    },
  ),

  DeleteStateMachineVersion: action(
    { stateMachineVersionArn: required(longArnField) },
    async ({ stateMachineVersionArn }, context) => {
      await context.stateMachines.removeVersion(checkVersionArn(stateMachineVersionArn, context));
      return {};
    },
  ),
};
