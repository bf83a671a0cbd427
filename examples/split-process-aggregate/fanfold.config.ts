import { defineProject } from 'fanfold';

/** As in the original's job definitions: the volume is at this path, and the programs are told by a variable. */
const job = {
  environment: {
    SPRING_PROFILES_ACTIVE: 'aws',
    DATA: '/root/data',
  },
  mounts: { '/root/data': 'customers' },
  vcpus: 1,
  memory: 2048,
};
const processor = {
  ...job,
  image: 'processjob:latest',
  command: ['Ref::FileName'],
  parameters: { FileName: 'FileNameTempValue' },
};

export default defineProject({
  name: 'split-process-aggregate',
  stateMachines: {
    SplitProcessAggregate: {
      definition: './split-process-aggregate.asl.json',
      definitionSubstitutions: { 'USE-YOUR-AWS-ACCOUNT-NUMBER': '000000000000' },
    },
  },
  functions: {
    GetFileList: {
      module: './functions/get-file-list.ts',
      mounts: { '/mnt/efs': 'customers' },
      environment: { OUT: '/mnt/efs/out' },
    },
  },
  batches: ['./customers.batch.ts'],
  volumes: { customers: {} },
  images: {
    'splitjob:latest': { command: ['node', './programs/split-file.ts'] },
    'processjob:latest': { command: ['node', './programs/process-file.ts'] },
    'aggregatejob:latest': { command: ['node', './programs/aggregate-files.ts'] },
  },
  jobDefinitions: {
    'splitter-jd:1': { ...job, image: 'splitjob:latest' },
    'processor-jd:5': processor,
    'aggregator-jd:2': { ...job, image: 'aggregatejob:latest' },
  },
  jobQueues: { 'split-process-aggregate-job-queue': { computeEnvironment: 'fargate' } },
  /** Room for ten processors at once: the programs are short, and vCPUs of processes are counted, not enforced. */
  computeEnvironments: { fargate: { vcpus: 10, memory: 20_480 } },
  buckets: { 'spring-batch-test-bucket': {} },
  rules: {
    nightly: {
      schedule: 'cron(0 3 * * ? *)',
      missed: 'skip',
      targets: [{ stateMachine: 'SplitProcessAggregate' }],
    },
  },
  triggers: [
    {
      name: 'customers',
      bucket: 'spring-batch-test-bucket',
      prefix: 'customers',
      suffix: '.csv',
      stateMachine: 'SplitProcessAggregate',
    },
  ],
});
