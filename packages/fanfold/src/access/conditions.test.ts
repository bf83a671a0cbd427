import { describe, expect, it } from 'vitest';
import { type ConditionKeys, holds, OPERATORS } from './conditions.ts';

const ARN = 'arn:aws:sns:us-east-1:000000000000:news';

describe('a condition', () => {
  it.each<[string, string, readonly string[], boolean]>([
    ['StringEquals', 'a', ['b', 'a'], true],
    ['StringEquals', 'A', ['a'], false],
    ['StringEquals', 'a*', ['a*'], true],
    ['StringEquals', 'ab', ['a*'], false],
    ['StringNotEquals', 'a', ['b'], true],
    ['StringNotEquals', 'a', ['b', 'a'], false],
    ['StringEqualsIgnoreCase', 'A', ['a'], true],
    ['StringNotEqualsIgnoreCase', 'A', ['a'], false],
    ['StringLike', 'in/a.csv', ['out/*', 'in/?.csv'], true],
    ['StringLike', 'IN/a.csv', ['in/*'], false],
    ['StringNotLike', 'in/a', ['in/*'], false],
    ['ArnLike', ARN, ['arn:aws:sns:*:000000000000:n*'], true],
    ['ArnLike', ARN, ['arn:aws:sns:*:news'], false],
    ['ArnEquals', ARN, ['arn:*:sns:*:*:*'], true],
    ['ArnEquals', ARN, ['arn:aws:sns:us-east-1:111111111111:news'], false],
    ['ArnNotLike', ARN, ['arn:aws:sqs:*:*:*'], true],
    ['ArnNotEquals', ARN, [ARN], false],
    ['Bool', 'false', ['False'], true],
    ['Bool', 'true', ['false'], false],
    ['IpAddress', '10.1.2.3', ['192.168.0.0/16', '10.0.0.0/8'], true],
    ['IpAddress', '::ffff:127.0.0.1', ['127.0.0.1'], true],
    ['IpAddress', '2001:db8::1', ['2001:db8::/32'], true],
    ['IpAddress', '10.1.2.3', ['2001:db8::/32'], false],
    ['NotIpAddress', '10.1.2.3', ['10.0.0.0/8'], false],
    ['NumericEquals', '10', ['10.0'], true],
    ['NumericNotEquals', '10', ['10'], false],
    ['NumericLessThan', '9', ['10'], true],
    ['NumericLessThanEquals', '10', ['10'], true],
    ['NumericGreaterThan', '10', ['10'], false],
    ['NumericGreaterThanEquals', '10', ['11', '10'], true],
    ['Null', 'there', ['false'], true],
    ['Null', 'there', ['true'], false],
  ])('%s holds %s against %j: %s', (operator, found, values, expected) => {
    const keys: ConditionKeys = { 's3:prefix': found };
    expect(holds({ operator, ifExists: false, key: 's3:prefix', values }, keys)).toBe(expected);
  });

  it('of a key that is absent holds where it is negated, or for IfExists, or asks for just that', () => {
    const named = Object.keys(OPERATORS).filter((operator) =>
      holds({ operator, ifExists: false, key: 'toString', values: ['true'] }, {}),
    );
    expect(named).toEqual(Object.keys(OPERATORS).filter((name) => name.includes('Not') || name === 'Null'));
    expect(holds({ operator: 'Bool', ifExists: true, key: 'aws:securetransport', values: ['true'] }, {})).toBe(true);
    expect(holds({ operator: 'Null', ifExists: false, key: 'aws:sourcearn', values: ['false'] }, {})).toBe(false);
  });
});
