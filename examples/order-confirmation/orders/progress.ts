/** The pieces of a run that are not done yet: a set of strings in a table, changed one piece at a time. */
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

const TableName = 'Progress';

export interface Progress {
  /** The pieces are to be done, all of them. */
  begin(pieces: readonly string[]): Promise<void>;
  /** In the order of their names. */
  members(): Promise<string[]>;
  /** The piece is done. @returns whether it was, or had been, the last */
  done(piece: string): Promise<boolean>;
}

export function progressOf(runId: string, client: DynamoDBClient = new DynamoDBClient({})): Progress {
  const Key = { id: { S: runId } };
  return {
    async begin(pieces) {
      // A set of DynamoDB cannot be empty: then there is none.
      const left = pieces.length > 0 ? { pieces: { SS: [...pieces] } } : {};
      await client.send(new PutItemCommand({ TableName, Item: { ...Key, ...left } }));
    },
    async members() {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      return (Item?.['pieces']?.SS ?? []).toSorted(byLength);
    },
    async done(piece) {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'DELETE pieces :done',
          ExpressionAttributeValues: { ':done': { SS: [piece] } },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes?.['pieces'] === undefined;
    },
  };
}

/** Longer suffixes come after shorter ones. */
function byLength(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
