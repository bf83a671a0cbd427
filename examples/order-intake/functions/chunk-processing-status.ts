/** Get chunk processing status: whether all executions of the chunks have succeeded, one has not, or some go on. */
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { FunctionHandler } from 'fanfold';
import { readText } from '../orders/objects.ts';

export interface StatusEvent {
  readonly bucket: string;
  /** Key of the list of the executions' ARNs. */
  readonly stateMachineArnFileName: string;
}

export const handler: FunctionHandler<StatusEvent, 'COMPLETED' | 'FAILED' | 'RUNNING'> = async (event, { objects }) => {
  const { bucket, stateMachineArnFileName: key } = event;
  const text = await readText(objects, { bucket, key });
  if (text === undefined) throw new Error(`The list ${key} is missing from bucket ${bucket}. Start a new run.`);
  const client = new SFNClient({});
  let running = false;
  for (const executionArn of JSON.parse(text) as readonly string[]) {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') running = true;
    else if (status !== 'SUCCEEDED') return 'FAILED';
  }
  return running ? 'RUNNING' : 'COMPLETED';
};
