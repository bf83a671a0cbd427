import { defineProject, functionArn, stateMachineArn } from 'fanfold';

/** The six settings of the workflow. */
const SESSender = 'sender@example.com';
const SESRecipient = 'recipient@example.com';
/** The identity that the sender's address is verified under; on AWS, SES asks for it. */
export const SESIdentityName = 'sender@example.com';
const InputArchiveFolder = 'input_archive';
/** Records in a chunk. 600 enriched records are just under 262,144 bytes, the most that a state may hand on. */
const FileChunkSize = 600;
const FileDelimiter = ',';

/** What both orchestrators are given of a file, and what becomes of it. */
const orders = {
  bucket: 'source-bucket',
  suffix: 'csv',
  input: {
    'Records.$': '$.Records[0]',
    inputArchiveFolder: InputArchiveFolder,
    fileChunkSize: FileChunkSize,
    fileDelimiter: FileDelimiter,
  },
  archive: `${InputArchiveFolder}/`,
  error: 'input_error/',
};

export default defineProject({
  name: 'order-intake',
  stateMachines: {
    BlogBatchMainOrchestrator: {
      definition: './main.asl.json',
      definitionSubstitutions: {
        SplitInputFileFunctionArn: functionArn('SplitInputFile'),
        BlogBatchProcessChunkArn: stateMachineArn('BlogBatchProcessChunk'),
        MergeS3FilesFunctionArn: functionArn('MergeS3Files'),
        SendEmailFunctionArn: functionArn('SendEmail'),
        SESSender,
        SESRecipient,
      },
    },
    BlogBatchPollingOrchestrator: {
      definition: './polling.asl.json',
      definitionSubstitutions: {
        SplitInputFileFunctionArn: functionArn('SplitInputFile'),
        CallStepFunctionsFunctionArn: functionArn('CallStepFunctions'),
        ChunkProcessingStatusFunctionArn: functionArn('ChunkProcessingStatus'),
        BlogBatchProcessChunkArn: stateMachineArn('BlogBatchProcessChunk'),
        SNSArn: 'arn:aws:sns:us-east-1:000000000000:BatchFailures',
        MergeS3FilesFunctionArn: functionArn('MergeS3Files'),
        SendEmailFunctionArn: functionArn('SendEmail'),
        SESSender,
        SESRecipient,
      },
    },
    BlogBatchProcessChunk: {
      definition: './chunk.asl.json',
      definitionSubstitutions: {
        ReadFileFunctionArn: functionArn('ReadFile'),
        ValidateDataFunctionArn: functionArn('ValidateData'),
        WriteOutputChunkFunctionArn: functionArn('WriteOutputChunk'),
        ApiEndpoint: 'financials.execute-api.us-east-1.amazonaws.com',
        ErrorTableName: 'ErrorTable',
      },
    },
  },
  functions: {
    SplitInputFile: { module: './functions/split-input-file.ts', timeoutSeconds: 900 },
    CallStepFunctions: { module: './functions/call-step-functions.ts', timeoutSeconds: 900 },
    ChunkProcessingStatus: { module: './functions/chunk-processing-status.ts', timeoutSeconds: 900 },
    ReadFile: { module: './functions/read-file.ts', timeoutSeconds: 900 },
    ValidateData: { module: './functions/validate-data.ts', timeoutSeconds: 900 },
    GetFinancialData: { module: './functions/get-financial-data.ts', timeoutSeconds: 900 },
    WriteOutputChunk: { module: './functions/write-output-chunk.ts', timeoutSeconds: 900 },
    MergeS3Files: { module: './functions/merge-files.ts', timeoutSeconds: 900 },
    SendEmail: { module: './functions/send-email.ts', timeoutSeconds: 900 },
  },
  batches: ['./order-intake.batch.ts'],
  buckets: { 'source-bucket': {} },
  tables: {
    FinancialTable: { partitionKey: 'uuid' },
    ErrorTable: { partitionKey: 'uuid' },
    BatchErrorTable: { partitionKey: 'run', sortKey: { name: 'offset', type: 'N' } },
  },
  apis: { financials: { stage: 'Prod', routes: { 'GET /financials/{uuid}': 'GetFinancialData' } } },
  topics: { BatchFailures: { subscriptions: [{ email: SESRecipient }] } },
  triggers: [
    { name: 'orders', prefix: 'input/', stateMachine: 'BlogBatchMainOrchestrator', ...orders },
    { name: 'orders-polled', prefix: 'input_polled/', stateMachine: 'BlogBatchPollingOrchestrator', ...orders },
  ],
  mail: { from: SESSender },
});
