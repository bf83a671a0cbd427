/** Activities, and their tasks for those who work on them. */
import type { ActivityRecord } from '../../ports/activities.ts';
import type { JsonObject } from '../../json.ts';
import { pageOf } from '../page.ts';
import { given, required } from '../params.ts';
import { checkArn } from '../states-arn.ts';
import { type Action, action, arnField, maxResultsField, nameField, pageSize, seconds, tokenField } from './action.ts';
import { ENCRYPTION_CONFIGURATION, readEncryption } from './settings.ts';
import { readTags, TAGS } from './tags.ts';

export const activityActions: Readonly<Record<string, Action>> = {
  CreateActivity: action(
    { name: required(nameField), tags: TAGS, encryptionConfiguration: ENCRYPTION_CONFIGURATION },
    async ({ name, tags, encryptionConfiguration }, { activities }) => {
      const encryption = readEncryption(encryptionConfiguration ?? { type: 'AWS_OWNED_KEY' });
      const { arn, createdAt } = await activities.create({ name, tags: readTags(tags), encryption });
      return { activityArn: arn, creationDate: seconds(createdAt) };
    },
  ),

  DescribeActivity: action({ activityArn: required(arnField) }, async ({ activityArn }, context) => {
    const activity = await context.activities.describe(checkArn(activityArn, 'activity', context));
    return { ...listedActivity(activity), encryptionConfiguration: activity.encryption };
  }),

  DeleteActivity: action({ activityArn: required(arnField) }, async ({ activityArn }, context) => {
    await context.activities.remove(checkArn(activityArn, 'activity', context));
    return {};
  }),

  ListActivities: action(
    { maxResults: maxResultsField, nextToken: tokenField },
    async ({ maxResults, nextToken }, { activities }) => {
      const items = [...(await activities.list())].sort((a, b) => (a.name < b.name ? -1 : 1));
      const { page, next } = pageOf({
        listing: ['ListActivities'],
        items,
        keyOf: ({ name }) => name,
        limit: pageSize(maxResults),
        nextToken,
      });
      return { activities: page.map(listedActivity), ...next };
    },
  ),

  GetActivityTask: action(
    { activityArn: required(arnField), workerName: nameField },
    async ({ activityArn, workerName }, context) => {
      checkArn(activityArn, 'activity', context);
      const task = await context.activities.take({ activityArn, signal: context.signal, ...given({ workerName }) });
      return task ? { ...task } : {};
    },
  ),
};

function listedActivity({ arn, name, createdAt }: ActivityRecord): JsonObject {
  return { activityArn: arn, name, creationDate: seconds(createdAt) };
}
