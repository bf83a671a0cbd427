import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './system-clock.ts';

const DAY = 86_400_000;

describe('the machine’s clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([1, 1_000, 59_999, 60_000, 60_001, 2 ** 31 + 1])('wakes once, after %i ms and not before', (ms) => {
    const run = vi.fn();
    systemClock.wake(systemClock.now() + ms, run);
    vi.advanceTimersByTime(ms - 1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(DAY);
    expect(run).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wakes soon for what is past, and never within the call', () => {
    const run = vi.fn();
    systemClock.wake(systemClock.now() - 1_000, run);
    systemClock.wake(Number.NEGATIVE_INFINITY, run);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it.each([1_000, 2 * DAY])('can be called off, also after a part of %i ms', (ms) => {
    const run = vi.fn();
    const cancel = systemClock.wake(systemClock.now() + ms, run);
    vi.advanceTimersByTime(ms - 1);
    cancel();
    cancel();
    vi.advanceTimersByTime(DAY);
    expect(run).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits on when the clock was put back meanwhile', () => {
    const run = vi.fn();
    const at = systemClock.now() + 10_000;
    systemClock.wake(at, run);
    vi.advanceTimersByTime(5_000);
    vi.setSystemTime(at - 10_000);
    vi.advanceTimersByTime(9_999);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('notices within a minute that the clock was set forward, or that the machine has slept', () => {
    const run = vi.fn();
    systemClock.wake(systemClock.now() + DAY, run);
    vi.advanceTimersByTime(5_000);
    vi.setSystemTime(systemClock.now() + 2 * DAY);
    vi.advanceTimersByTime(60_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('lets others have their turn first', async () => {
    vi.useRealTimers();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      systemClock.soon(() => {
        order.push('soon');
        resolve();
      });
      queueMicrotask(() => order.push('waiting'));
      order.push('now');
    });
    expect(order).toEqual(['now', 'waiting', 'soon']);
  });
});
