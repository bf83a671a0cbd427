/** What a project imports: its file, its functions, and a way to run it from a program. */
export { functionArn, stateMachineArn } from './app/arn.ts';
export type { App, AppOptions } from './app/create-app.ts';
export { defineProject, type ProjectDefinition } from './app/define-project.ts';
export { createApp } from './app/load-app.ts';
export { type LoadedProject, loadProject } from './app/load-project.ts';
export { type Outputs, projectOutputs } from './app/outputs.ts';
export { ProjectError } from './app/project-error.ts';
export { systemClock } from './app/system-clock.ts';
export { type Charge, chargesOf, costOf, PRICES_AS_OF } from './app/usage/aws-prices.ts';
export { type Usage, usageOf } from './app/usage/usage.ts';
export type { Execution, ExecutionStatus } from './interpreter/execution.ts';
export type { Json, JsonObject } from './json.ts';
export type { Clock } from './ports/clock.ts';
export type { Executions } from './ports/executions.ts';
export type { FunctionContext, FunctionHandler } from './ports/functions.ts';
export type { Links } from './ports/links.ts';
export { type Logger, silentLogger } from './ports/logger.ts';
export type { MailMessage } from './ports/mail.ts';
export type {
  GetObjectResult,
  ListObjectsResult,
  ObjectBody,
  ObjectInfo,
  ObjectRef,
  Objects,
  PutObjectParams,
} from './ports/objects.ts';
export { ServiceError } from './ports/service-error.ts';
export type { AttributeValue, Item, Tables } from './ports/tables.ts';
