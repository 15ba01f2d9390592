// SPDX-License-Identifier: GPL-2.0-only
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Heartbeat } from './heartbeat.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function beating(): { heartbeat: Heartbeat; ping: ReturnType<typeof vi.fn<() => void>> } {
  const ping = vi.fn<() => void>();
  return { heartbeat: new Heartbeat(ping), ping };
}

test('beats every three seconds while something is under way, and rests otherwise', () => {
  const { heartbeat, ping } = beating();
  vi.advanceTimersByTime(60_000);
  expect([ping.mock.calls.length, heartbeat.silentForMs]).toEqual([0, 0]);
  heartbeat.busy = true;
  heartbeat.busy = true;
  vi.advanceTimersByTime(10_000);
  expect([ping.mock.calls.length, heartbeat.silentForMs]).toEqual([3, 10_000]);
  heartbeat.heard();
  expect(heartbeat.silentForMs).toBe(0);
  heartbeat.busy = false;
  vi.advanceTimersByTime(60_000);
  expect([ping.mock.calls.length, heartbeat.silentForMs]).toEqual([3, 0]);
});

test('tells of each silence once', () => {
  const { heartbeat } = beating();
  const told: number[] = [];
  const end = heartbeat.watch(10_000, () => told.push(heartbeat.silentForMs));
  heartbeat.busy = true;
  vi.advanceTimersByTime(30_000);
  expect(told).toEqual([12_000]);
  heartbeat.heard();
  vi.advanceTimersByTime(30_000);
  expect(told).toHaveLength(2);
  end();
  heartbeat.heard();
  vi.advanceTimersByTime(30_000);
  expect(told).toHaveLength(2);
});

test('does not count the host’s own sleep as the guest’s silence', () => {
  const { heartbeat } = beating();
  const onSilent = vi.fn();
  heartbeat.watch(10_000, onSilent);
  heartbeat.busy = true;
  vi.advanceTimersByTime(3_000);
  // The clock goes on, timers did not: a suspended machine.
  vi.setSystemTime(Date.now() + 3_600_000);
  const now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => now + 3_600_000);
  expect(heartbeat.silentForMs).toBeLessThan(10_000);
  vi.advanceTimersToNextTimer();
  expect(onSilent).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
