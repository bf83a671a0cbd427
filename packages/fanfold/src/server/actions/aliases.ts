/** Aliases of state machines. */
import { ServiceError } from '../../ports/service-error.ts';
import type { AliasParams, StateMachineAlias } from '../../ports/state-machines.ts';
import { splitMachineArn, versionNumber } from '../../state-machine-arn.ts';
import { given, integer, type Params, required, text } from '../params.ts';
import { listOf } from '../params-nested.ts';
import { pageOf } from '../page.ts';
import { checkAliasArn, checkArn } from '../states-arn.ts';
import {
  type Action,
  type ActionContext,
  action,
  arnField,
  maxResultsField,
  pageSize,
  seconds,
  tokenField,
} from './action.ts';

/** Escaped as AWS shows it. */
const ALIAS_NAME = new RegExp('^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$');

const descriptionField = text({ max: 256, sensitive: true });
const routesField = listOf(
  'RoutingConfigurationListItem',
  { stateMachineVersionArn: required(arnField), weight: required(integer({ min: 0, max: 100 })) },
  { min: 1, max: 2 },
);

export const aliasActions: Readonly<Record<string, Action>> = {
  CreateStateMachineAlias: action(
    {
      name: required(text({ min: 1, max: 80, pattern: ALIAS_NAME })),
      description: descriptionField,
      routingConfiguration: required(routesField),
    },
    async ({ name, description = null, routingConfiguration }, context) => {
      const routes = readRoutes(routingConfiguration, context);
      const { aliasArn, alias } = await context.stateMachines.createAlias({ name, description, routes });
      return { stateMachineAliasArn: aliasArn, creationDate: seconds(alias.createdAt) };
    },
  ),

  UpdateStateMachineAlias: action(
    {
      stateMachineAliasArn: required(arnField),
      description: descriptionField,
      routingConfiguration: routesField,
    },
    async ({ stateMachineAliasArn, description, routingConfiguration }, context) => {
      const aliasArn = checkAliasArn(stateMachineAliasArn, context);
      if (description === undefined && routingConfiguration === undefined)
        throw new ServiceError(
          'MissingRequiredParameter',
          'Either the description or the RoutingConfiguration must be specified',
        );
      const routes = routingConfiguration && readRoutes(routingConfiguration, context);
      const alias = await context.stateMachines.updateAlias({ aliasArn, ...given({ description, routes }) });
      return { updateDate: seconds(alias.updatedAt) };
    },
  ),

  DescribeStateMachineAlias: action(
    { stateMachineAliasArn: required(arnField) },
    async ({ stateMachineAliasArn }, context) => {
      const aliasArn = checkAliasArn(stateMachineAliasArn, context);
      const { alias, stateMachineArn } = await context.stateMachines.describeAlias(aliasArn);
      const { name, description, routes, createdAt, updatedAt } = alias;
      return {
        stateMachineAliasArn: aliasArn,
        name,
        ...(description !== null && { description }),
        routingConfiguration: routes.map(({ version, weight }) => ({
          stateMachineVersionArn: `${stateMachineArn}:${version}`,
          weight,
        })),
        creationDate: seconds(createdAt),
        updateDate: seconds(updatedAt),
      };
    },
  ),

  /** Oldest first; of a version, those that lead to it. */
  ListStateMachineAliases: action(
    { stateMachineArn: required(arnField), maxResults: maxResultsField, nextToken: tokenField },
    async ({ stateMachineArn, maxResults, nextToken }, context) => {
      const { arn, aliases } = await context.stateMachines.describe(checkArn(stateMachineArn, 'stateMachine', context));
      const version = versionNumber(splitMachineArn(stateMachineArn).qualifier);
      const { page, next } = pageOf({
        listing: ['ListStateMachineAliases', stateMachineArn],
        items: [...aliases].filter(leadsTo(version)).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
        keyOf: orderOf,
        limit: pageSize(maxResults),
        nextToken,
      });
      return {
        stateMachineAliases: page.map(({ name, createdAt }) => ({
          stateMachineAliasArn: `${arn}:${name}`,
          creationDate: seconds(createdAt),
        })),
        ...next,
      };
    },
  ),

  DeleteStateMachineAlias: action(
    { stateMachineAliasArn: required(arnField) },
    async ({ stateMachineAliasArn }, context) => {
      await context.stateMachines.removeAlias(checkAliasArn(stateMachineAliasArn, context));
      return {};
    },
  ),
};

function readRoutes(
  routes: NonNullable<Params<{ routes: typeof routesField }>['routes']>,
  context: ActionContext,
): AliasParams['routes'] {
  return routes.map(({ stateMachineVersionArn, weight }) => ({
    versionArn: checkArn(stateMachineVersionArn, 'stateMachine', context),
    weight,
  }));
}

/** Sorts by age, and by name where several were made in one millisecond. */
function orderOf({ createdAt, name }: StateMachineAlias): string {
  return `${String(createdAt).padStart(16, '0')} ${name}`;
}

function leadsTo(version: number | undefined): (alias: StateMachineAlias) => boolean {
  return ({ routes }) => version === undefined || routes.some((route) => route.version === version);
}
