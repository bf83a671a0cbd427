/** Tags of state machines. */
import type { Tag } from '../../ports/state-machines.ts';
import { type Field, required, text, validationException } from '../params.ts';
import { listOf, textsOf } from '../params-nested.ts';
import { checkTaggableArn } from '../states-arn.ts';
import { type Action, action, arnField } from './action.ts';

const keyField = text({ min: 1, max: 128 });

type TagsInput = readonly { readonly key: string | undefined; readonly value: string | undefined }[];

export const TAGS: Field<TagsInput | undefined> = listOf('Tag', { key: keyField, value: text({ max: 256 }) });

export const tagActions: Readonly<Record<string, Action>> = {
  TagResource: action(
    { resourceArn: required(arnField), tags: required(TAGS) },
    async ({ resourceArn, tags }, context) => {
      await context.stateMachines.tag(checkTaggableArn(resourceArn, context), readTags(tags));
      return {};
    },
  ),

  UntagResource: action(
    { resourceArn: required(arnField), tagKeys: required(textsOf(keyField)) },
    async ({ resourceArn, tagKeys }, context) => {
      await context.stateMachines.untag(checkTaggableArn(resourceArn, context), tagKeys);
      return {};
    },
  ),

  ListTagsForResource: action({ resourceArn: required(arnField) }, async ({ resourceArn }, context) => {
    const tags = await context.stateMachines.tags(checkTaggableArn(resourceArn, context));
    return { tags: tags.map(({ key, value }) => ({ key, value })) };
  }),
};

/** A tag without a value has an empty one. @throws ServiceError ValidationException */
export function readTags(tags: TagsInput | undefined): Tag[] {
  return (tags ?? []).map(({ key, value = '' }) => {
    if (key === undefined) throw validationException('Every tag needs a key.');
    if (/^aws:/i.test(key)) throw validationException(`Tag keys that begin with 'aws:' are AWS's own: '${key}'`);
    return { key, value };
  });
}
