/**
 * The optimised integrations of AWS: which actions there are, with which patterns, and what their parameters must have.
 * `r` request and response, `s` .sync, `2` .sync:2, `t` .waitForTaskToken. (AWS documentation, integrating optimized services.)
 */
import type { Resource } from '../resource.ts';
import { SDK_SERVICES } from '../sdk-services.ts';

const ACTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  apigateway: { invoke: 'rt' },
  athena: { startQueryExecution: 'rs', stopQueryExecution: 'r', getQueryExecution: 'r', getQueryResults: 'r' },
  batch: { submitJob: 'rs' },
  bedrock: { invokeModel: 'rt', createModelCustomizationJob: 'rst' },
  codebuild: {
    startBuild: 'rs',
    stopBuild: 'r',
    batchDeleteBuilds: 'r',
    batchGetReports: 'r',
    startBuildBatch: 'rs',
    stopBuildBatch: 'r',
    retryBuildBatch: 'rs',
    deleteBuildBatch: 'r',
  },
  databrew: { startJobRun: 'rs' },
  dynamodb: { getItem: 'r', putItem: 'r', updateItem: 'r', deleteItem: 'r' },
  ecs: { runTask: 'rst' },
  eks: {
    call: 'r',
    runJob: 'rs',
    createCluster: 'rs',
    deleteCluster: 'rs',
    createFargateProfile: 'rs',
    deleteFargateProfile: 'rs',
    createNodegroup: 'rs',
    deleteNodegroup: 'rs',
  },
  elasticmapreduce: {
    createCluster: 'rs',
    terminateCluster: 'rs',
    setClusterTerminationProtection: 'r',
    addStep: 'rs',
    cancelStep: 'r',
    modifyInstanceFleetByName: 'r',
    modifyInstanceGroupByName: 'r',
  },
  'emr-containers': { createVirtualCluster: 'r', deleteVirtualCluster: 'rs', startJobRun: 'rs' },
  'emr-serverless': {
    createApplication: 'rs',
    startApplication: 'rs',
    stopApplication: 'rs',
    deleteApplication: 'rs',
    startJobRun: 'rs',
    cancelJobRun: 'rs',
  },
  events: { putEvents: 'rt' },
  glue: { startJobRun: 'rs' },
  http: { invoke: 'r' },
  lambda: { invoke: 'rt' },
  mediaconvert: { createJob: 'rs' },
  sagemaker: {
    createEndpoint: 'r',
    createEndpointConfig: 'r',
    createHyperParameterTuningJob: 'rs',
    createLabelingJob: 'rs',
    createModel: 'r',
    createProcessingJob: 'rs',
    createTrainingJob: 'rs',
    createTransformJob: 'rs',
    updateEndpoint: 'r',
  },
  sns: { publish: 'rt' },
  sqs: { sendMessage: 'rt' },
  states: { startExecution: 'rs2t' },
};

/** Parameters without which AWS takes no definition. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:getItem': ['TableName', 'Key'],
  'dynamodb:putItem': ['TableName', 'Item'],
  'ecs:runTask': ['TaskDefinition'],
  'events:putEvents': ['Entries'],
  'glue:startJobRun': ['JobName'],
  'lambda:invoke': ['FunctionName'],
  'sns:publish': ['Message'],
  'sqs:sendMessage': ['QueueUrl', 'MessageBody'],
  'states:startExecution': ['StateMachineArn'],
};

const PATTERNS: ReadonlyMap<string, string> = new Map([
  ['', 'r'],
  ['.sync', 's'],
  ['.sync:2', '2'],
  ['.waitForTaskToken', 't'],
]);

const SDK = 'aws-sdk:';

/** Whether AWS has the action, with the pattern. Of AWS-SDK integrations the service is known, the action taken at its word. */
export function isIntegration({ service, action }: Resource): boolean {
  const { name, pattern } = split(action);
  if (service.startsWith(SDK))
    return SDK_SERVICES.has(service.slice(SDK.length)) && /^[a-z][A-Za-z0-9]*$/.test(name) && 'rt'.includes(pattern);
  const actions = Object.hasOwn(ACTIONS, service) ? ACTIONS[service] : undefined;
  const patterns = actions && Object.hasOwn(actions, name) ? actions[name] : undefined;
  return patterns?.includes(pattern) ?? false;
}

export function requiredParameters({ service, action }: Resource): readonly string[] {
  return REQUIRED[`${service}:${split(action).name}`] ?? [];
}

function split(action: string): { readonly name: string; readonly pattern: string } {
  const dot = action.indexOf('.');
  const name = dot < 0 ? action : action.slice(0, dot);
  return { name, pattern: PATTERNS.get(action.slice(name.length)) ?? '?' };
}
