/** What the Task states of a project call: its own functions, jobs, tables and the rest, and what it sends to AWS. */
import type { Executions } from '../ports/executions.ts';
import type { Services } from '../ports/services.ts';
import type { TableApi } from '../ports/tables.ts';
import { createApigatewayService } from '../services/apigateway/service.ts';
import { createDynamodbSdkService, createDynamodbService } from '../services/dynamodb/service.ts';
import { createBatchService } from '../services/batch/service.ts';
import { EVENTS_EXCEPTIONS } from '../services/events/events-error.ts';
import { createEventsService } from '../services/events/service.ts';
import { createEksService } from '../services/eks/service.ts';
import { createLambdaService, type InvokeLater } from '../services/lambda/service.ts';
import { createAwsSdkCalls } from '../services/aws-sdk-calls.ts';
import { createS3Calls, S3_EXCEPTIONS } from '../services/s3/sdk-calls.ts';
import { createSdkService } from '../services/states/sdk-service.ts';
import { createStatesService } from '../services/states/service.ts';
import { createSnsService } from '../services/sns/service.ts';
import { SNS_EXCEPTIONS } from '../services/sns/sns-error.ts';
import { createSqsService } from '../services/sqs/service.ts';
import { SQS_EXCEPTIONS } from '../services/sqs/sqs-error.ts';
import { createServices } from '../services/registry.ts';
import { type MailApi, SES_EXCEPTIONS, SES_V2_EXCEPTIONS } from '../services/ses/api.ts';
import type { LocalObjects } from '../services/s3/local.ts';
import type { ProjectDefinition } from './define-project.ts';
import type { Messages } from './messages.ts';
import { awsServices } from './project-aws.ts';
import type { ProjectHttp } from './project-http.ts';
import type { ProjectJobs } from './project-jobs.ts';

export interface ProjectServicesParams {
  readonly definition: ProjectDefinition;
  /** Of the project file. */
  readonly directory: string;
  readonly place: { readonly region: string; readonly account: string };
  readonly functions: Parameters<typeof createLambdaService>[0];
  readonly invokeLater: InvokeLater;
  readonly tables: TableApi;
  readonly jobs: Pick<ProjectJobs, 'batch' | 'eks'>;
  readonly local: LocalObjects;
  readonly messages: Pick<Messages, 'queues' | 'topics' | 'rules'>;
  readonly mailApi: MailApi;
  readonly http: Pick<ProjectHttp, 'service'>;
  /** Resolves once everything committed so far survives a power cut. */
  readonly sync: () => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The server's URL, once it listens. */
  readonly endpoint: () => string;
  /** What a state machine is called here, whatever its ARN says of place and account. */
  readonly ownArn: (arn: string) => string;
  /** The Step Functions API itself. */
  readonly callStates: Parameters<typeof createSdkService>[0]['call'];
}

/** @returns makes them with the executions that they may start @throws ProjectError for what is no service of AWS */
export function projectServices(params: ProjectServicesParams): (executions: Executions) => Services {
  const { definition, directory, place, functions, tables, jobs, local, messages, mailApi, http, sync, now } = params;
  const { invokeLater, endpoint, ownArn, callStates } = params;
  const { queues, topics, rules } = messages;
  const remote = awsServices(definition, { directory, region: place.region, sync });
  return (executions) =>
    createServices({
      lambda: createLambdaService(functions, { invokeLater }),
      dynamodb: createDynamodbService(tables, now),
      'aws-sdk:dynamodb': createDynamodbSdkService(tables),
      batch: createBatchService(jobs.batch),
      eks: createEksService(jobs.eks),
      apigateway: createApigatewayService({ resolve: (host) => resolveApi(definition, host, endpoint()) }),
      sqs: createSqsService({ call: queues.call, sync, now }),
      sns: createSnsService({ call: topics.call, sync, now }),
      http: http.service,
      events: createEventsService({ call: rules.call, sync, now }),
      'aws-sdk:eventbridge': createAwsSdkCalls({
        service: 'EventBridge',
        named: EVENTS_EXCEPTIONS,
        call: rules.call,
        sync,
      }),
      'aws-sdk:ses': createAwsSdkCalls({ service: 'Ses', named: SES_EXCEPTIONS, call: mailApi.v1, sync }),
      'aws-sdk:sesv2': createAwsSdkCalls({ service: 'SesV2', named: SES_V2_EXCEPTIONS, call: mailApi.v2, sync }),
      'aws-sdk:sns': createAwsSdkCalls({
        service: 'Sns',
        named: SNS_EXCEPTIONS,
        message: 'Message',
        call: topics.call,
        sync,
      }),
      'aws-sdk:sqs': createAwsSdkCalls({
        service: 'Sqs',
        named: SQS_EXCEPTIONS,
        message: 'MessageBody',
        call: queues.call,
        sync,
      }),
      'aws-sdk:s3': createAwsSdkCalls({
        service: 'S3',
        named: S3_EXCEPTIONS,
        extended: true,
        call: createS3Calls(local),
        sync,
      }),
      states: createStatesService({ executions, resolve: ownArn }),
      'aws-sdk:sfn': createSdkService({ call: callStates, ...place }),
      ...remote,
    });
}

/** `<name>.execute-api.<anything>` is the API of that name, on this server. */
function resolveApi(
  definition: ProjectDefinition,
  host: string,
  serverUrl: string,
): { origin: string; host: string } | undefined {
  const [name = '', service] = host.split('.');
  const known = service === 'execute-api' && Object.hasOwn(definition.apis ?? {}, name);
  return known ? { origin: serverUrl, host } : undefined;
}
