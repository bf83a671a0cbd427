import { describe, expect, it } from 'vitest';
import { awsServices } from './project-aws.ts';
import { ProjectError } from './project-error.ts';

describe('the services of AWS that a project names', () => {
  const named = (...services: readonly string[]): readonly string[] =>
    Object.keys(awsServices({ aws: { services } }, { directory: '.', region: 'us-east-1', sync: async () => {} }));

  it('are those of the SDK', () => {
    expect(named('ssm', 'config')).toEqual(['aws-sdk:ssm', 'aws-sdk:config']);
  });

  it.each(['nosuchservice', 'secrets-manager', 'S3', 'constructor', ''])('cannot be %j', (name) => {
    expect(() => named(name)).toThrow(ProjectError);
    expect(() => named(name)).toThrow(`aws.services: ${JSON.stringify(name)} is no service`);
  });
});
