import { describe, expect, it } from 'vitest';
import { createSessions, tokenOfPart, type Work } from './sessions.ts';

const EXECUTION = { execution: 'arn:aws:states:us-east-1:000000000000:execution:m:e' };

describe('a session', () => {
  it('is what its worker is at, at the moment', () => {
    const sessions = createSessions('secret');
    let work: Work | undefined;
    const { token, end } = sessions.open('function:f', () => work);
    expect(sessions.find(token)).toEqual({ role: 'function:f', work: undefined });
    work = EXECUTION;
    expect(sessions.find(token)).toEqual({ role: 'function:f', work: EXECUTION });
    end();
    expect(sessions.find(token)).toBeUndefined();
  });

  it('tells the invocations of one worker apart', () => {
    const sessions = createSessions('secret');
    const asked: unknown[] = [];
    const { token } = sessions.open('r', (part) => {
      asked.push(part);
      return part === 2 ? EXECUTION : undefined;
    });
    const workOf = (given: string): unknown => sessions.find(given)?.work;
    expect([workOf(tokenOfPart(token, 2)), workOf(tokenOfPart(token, -3)), workOf(token)]).toEqual([
      EXECUTION,
      undefined,
      undefined,
    ]);
    expect(asked).toEqual([2, -3, undefined]);
  });

  it('is of its role and its directory alone', () => {
    const sessions = createSessions('secret');
    const { token } = sessions.open('a', () => EXECUTION);
    const [mark = '', id = ''] = token.split('.');
    expect(mark).toBe(sessions.mark('a'));
    expect([sessions.isOf('a', tokenOfPart(token, 7)), sessions.isOf('b', token)]).toEqual([true, false]);
    expect(createSessions('other').isOf('a', token)).toBe(false);
    for (const wrong of [
      '',
      mark,
      `${mark}.`,
      `${sessions.mark('b')}.${id}`,
      `${token}.`,
      `${token}.x`,
      `${token}.1.1`,
      ` ${token}`,
    ])
      expect([wrong, sessions.find(wrong)]).toEqual([wrong, undefined]);
    // Of one that is over, or of an engine before this one, it is known whose it was.
    expect(createSessions('secret').isOf('a', token)).toBe(true);
    expect(createSessions('secret').find(token)).toBeUndefined();
  });
});
