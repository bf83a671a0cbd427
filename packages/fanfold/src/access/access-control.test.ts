import { describe, expect, it } from 'vitest';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { createAccessControl } from './access-control.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:news';

describe('a function', () => {
  const logger = recordingLogger();
  const named = ['topic:news', 'rule:daily', 'stateMachine:news'];
  const { checkSource } = createAccessControl({
    logger,
    account: '000000000000',
    sources: (name) => (name === 'guarded' ? named : undefined),
  });

  it.each([TOPIC, 'arn:aws:events:us-east-1:000000000000:rule/daily'])('that names it may be invoked by %s', (arn) => {
    expect(() => checkSource(arn, 'guarded')).not.toThrow();
  });

  it('without a list may be invoked by all', () => {
    expect(() => checkSource('arn:aws:sns:us-east-1:000000000000:any', 'open')).not.toThrow();
  });

  it.each([
    ['another topic', 'arn:aws:sns:us-east-1:000000000000:other'],
    ['a topic of another account', 'arn:aws:sns:us-east-1:123456789012:news'],
    ['a rule of the name of a topic', 'arn:aws:events:us-east-1:000000000000:rule/news'],
    ['what is no ARN', 'news'],
  ])('may not be invoked by %s, and the log tells of it', (_, arn) => {
    expect(() => checkSource(arn, 'guarded')).toThrow(expect.objectContaining({ code: 'AccessDeniedException' }));
    expect(logger.lines.at(-1)).toMatchObject({ fields: { source: arn, function: 'guarded' } });
  });
});
