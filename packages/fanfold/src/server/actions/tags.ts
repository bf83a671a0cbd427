/** Tags of state machines and activities. */
import type { Activities } from '../../ports/activities.ts';
import type { Tag } from '../../ports/state-machines.ts';
import { type Field, required, text, validationException } from '../params.ts';
import { listOf, textsOf } from '../params-nested.ts';
import { checkTaggableArn, isActivityArn } from '../states-arn.ts';
import { type Action, type ActionContext, action, arnField } from './action.ts';

const keyField = text({ min: 1, max: 128 });

type TagsInput = readonly { readonly key: string | undefined; readonly value: string | undefined }[];

export const TAGS: Field<TagsInput | undefined> = listOf('Tag', { key: keyField, value: text({ max: 256 }) });

export const tagActions: Readonly<Record<string, Action>> = {
  TagResource: action(
    { resourceArn: required(arnField), tags: required(TAGS) },
    async ({ resourceArn, tags }, context) => {
      await taggable(resourceArn, context).tag(resourceArn, readTags(tags));
      return {};
    },
  ),

  UntagResource: action(
    { resourceArn: required(arnField), tagKeys: required(textsOf(keyField)) },
    async ({ resourceArn, tagKeys }, context) => {
      await taggable(resourceArn, context).untag(resourceArn, tagKeys);
      return {};
    },
  ),

  ListTagsForResource: action({ resourceArn: required(arnField) }, async ({ resourceArn }, context) => {
    const tags = await taggable(resourceArn, context).tags(resourceArn);
    return { tags: tags.map(({ key, value }) => ({ key, value })) };
  }),
};

/** What has the tags. @throws ServiceError as {@link checkTaggableArn} */
function taggable(resourceArn: string, context: ActionContext): Pick<Activities, 'tag' | 'tags' | 'untag'> {
  return isActivityArn(checkTaggableArn(resourceArn, context)) ? context.activities : context.stateMachines;
}

/** A tag without a value has an empty one. @throws ServiceError ValidationException */
export function readTags(tags: TagsInput | undefined): Tag[] {
  return (tags ?? []).map(({ key, value = '' }) => {
    if (key === undefined) throw validationException('Every tag needs a key.');
    if (/^aws:/i.test(key)) throw validationException(`Tag keys that begin with 'aws:' are AWS's own: '${key}'`);
    return { key, value };
  });
}
