import { defineProject, functionArn } from 'fanfold';

/** What the manifests say of the cluster; jobs run on this machine, so nothing of it is used. */
const cluster = { Cluster: 'batch', CA: 'none', Endpoint: 'https://cluster.example' };
/** The original's: records in a piece, and how many pieces at once; 0 is as many as there is room for. */
const size = { MaxLines: 30_000, MaxConcurrency: 0 };
const environment = { EFS_DIRECTORY: '/data' };
const mounts = { '/data': 'efs-storage-claim' };

export default defineProject({
  name: 'order-confirmation',
  stateMachines: {
    OrderConfirmation: {
      definition: './order-confirmation.asl.json',
      definitionSubstitutions: {
        ...cluster,
        ...size,
        SplitImage: 'split-file:latest',
        ProcessImage: 'process-file:latest',
        MembersFn: functionArn('SplitFileMembers'),
      },
    },
    OrderConfirmationWithMerge: {
      definition: './with-merge.asl.json',
      definitionSubstitutions: {
        ...cluster,
        ...size,
        SplitImage: 'split-file:latest',
        ProcessImage: 'process-file:latest',
        MembersFn: functionArn('SplitFileMembers'),
        MergeFn: functionArn('MergeOutputs'),
      },
    },
    OrderConfirmationSingle: {
      definition: './single.asl.json',
      definitionSubstitutions: { ...cluster, SingleImage: 'single:latest' },
    },
  },
  functions: {
    SplitFileMembers: { module: './functions/members.ts', timeoutSeconds: 30, environment },
    MergeOutputs: { module: './functions/merge.ts', timeoutSeconds: 900, environment, mounts },
  },
  images: {
    'split-file:latest': { command: ['node', './programs/split-file.ts'] },
    'process-file:latest': { command: ['node', './programs/process-file.ts'] },
    'single:latest': { command: ['node', './programs/single.ts'] },
  },
  volumes: { 'efs-storage-claim': {} },
  buckets: { 'input-bucket': {} },
  rules: {
    orders: {
      pattern: {
        source: ['aws.s3'],
        'detail-type': ['AWS API Call via CloudTrail'],
        // What is started by hand has other keys.
        detail: { requestParameters: { bucketName: ['input-bucket'], key: [{ wildcard: 'test*csv' }] } },
      },
      targets: [{ stateMachine: 'OrderConfirmation' }],
    },
  },
  batches: ['./order-confirmation.batch.ts'],
  tables: { Order: { partitionKey: 'OrderId' }, Progress: { partitionKey: 'id' } },
});
