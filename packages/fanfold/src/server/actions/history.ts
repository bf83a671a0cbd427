/** GetExecutionHistory. */
import type { HistoryEvent } from '../../interpreter/history.ts';
import type { JsonObject } from '../../json.ts';
import { decodePageToken, encodePageToken, type Listing } from '../page-token.ts';
import { flag, given, required } from '../params.ts';
import { checkArn } from '../states-arn.ts';
import { type Action, action, arnField, maxResultsField, pageSize, seconds, tokenField } from './action.ts';

/** The listing that a page token of GetExecutionHistory belongs to. */
export function historyListing(executionArn: string, reverse: boolean): Listing {
  return ['GetExecutionHistory', executionArn, reverse];
}

export const historyActions: Readonly<Record<string, Action>> = {
  GetExecutionHistory: action(
    {
      executionArn: required(arnField),
      maxResults: maxResultsField,
      reverseOrder: flag,
      nextToken: tokenField,
      includeExecutionData: flag,
    },
    async ({ executionArn, maxResults, reverseOrder = false, nextToken, includeExecutionData = true }, context) => {
      checkArn(executionArn, 'execution', context);
      const listing = historyListing(executionArn, reverseOrder);
      const after = nextToken === undefined ? undefined : decodePageToken(listing, nextToken, 'number');
      const page = await context.executions.history({
        executionArn,
        reverse: reverseOrder,
        limit: pageSize(maxResults),
        includeData: includeExecutionData,
        ...given({ after }),
      });
      return {
        events: page.events.map(shownEvent),
        ...(page.next !== undefined && { nextToken: encodePageToken(listing, page.next) }),
      };
    },
  ),
};

function shownEvent({ timestamp, ...event }: HistoryEvent): JsonObject {
  return { timestamp: seconds(timestamp), ...event };
}
