/** Call Step function for each chunk, the older way: starts an execution for each, and notes which. Nothing waits for them here. */
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { FunctionHandler } from 'fanfold';
import { runFolderOf } from '../orders/run-folder.ts';

export interface CallEvent {
  readonly stateMachineArn: string;
  readonly splitFileNames: readonly string[];
  readonly bucket: string;
  readonly toProcessFolder: string;
}

export interface CallResult {
  /** Key of the list of the executions' ARNs. */
  readonly outputPath: string;
}

/** Done again, it finds what it had started: an execution is named after the run and its chunk. */
export const handler: FunctionHandler<CallEvent, CallResult> = async (event, { objects }) => {
  const { stateMachineArn, splitFileNames, bucket, toProcessFolder } = event;
  const { runId, executions } = runFolderOf(toProcessFolder);
  const client = new SFNClient({});
  const arns: string[] = [];
  for (const [index, FilePath] of splitFileNames.entries())
    arns.push(await start(client, stateMachineArn, `${runId}-${index + 1}`, { input: { FilePath } }));
  await objects.put({ bucket, key: executions, body: JSON.stringify(arns), contentType: 'application/json' });
  return { outputPath: executions };
};

async function start(client: SFNClient, stateMachineArn: string, name: string, input: object): Promise<string> {
  try {
    const started = await client.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
    );
    return started.executionArn ?? '';
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  }
}
