import { describe, expect, it } from 'vitest';
import { SDK_SERVICES } from './sdk-services.ts';

describe('the services of the AWS SDK', () => {
  it.each([
    ['s3', 's3'],
    ['secretsmanager', 'secrets-manager'],
    ['config', 'config-service'],
    ['databasemigration', 'database-migration-service'],
    ['elasticloadbalancingv2', 'elastic-load-balancing-v2'],
    ['servicecatalog', 'service-catalog'],
  ])('have the names that Step Functions knows: %s', (name, packageName) => {
    expect(SDK_SERVICES.get(name)).toBe(packageName);
  });

  it('are written as in a Resource, each once', () => {
    expect([...SDK_SERVICES.keys()].filter((name) => !/^[a-z][a-z0-9]*$/.test(name))).toEqual([]);
    expect(new Set(SDK_SERVICES.values()).size).toBe(SDK_SERVICES.size);
    expect(SDK_SERVICES.size).toBeGreaterThan(400);
  });
});
