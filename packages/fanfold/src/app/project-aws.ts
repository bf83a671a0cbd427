/** The services of AWS itself that a project names. */
import { SDK_SERVICES } from '../asl/sdk-services.ts';
import type { Service } from '../ports/services.ts';
import { createAwsService } from '../services/aws/service.ts';
import type { ProjectDefinition } from './define-project.ts';
import { ProjectError } from './project-error.ts';

export interface AwsServicesParams {
  /** Of the project. */
  readonly directory: string;
  readonly region: string;
  readonly sync: () => Promise<void>;
}

/** @returns by the names that stand in Resource ARNs @throws ProjectError for what is no name of a service */
export function awsServices(
  { aws }: Pick<ProjectDefinition, 'aws'>,
  { directory, region, sync }: AwsServicesParams,
): Readonly<Record<string, Service>> {
  return Object.fromEntries(
    (aws?.services ?? []).map((name) => {
      if (!SDK_SERVICES.has(name))
        throw new ProjectError(
          `aws.services: ${JSON.stringify(name)} is no service that Step Functions calls. Write it as in aws-sdk:<service>: small letters and digits.`,
        );
      return [`aws-sdk:${name}`, createAwsService({ name, directory, region: aws?.region ?? region, sync })];
    }),
  );
}
