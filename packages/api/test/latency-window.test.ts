import { expect, it } from 'vitest';
import { LatencyWindow } from '../src/latency-window.ts';

const minute = 60_000;

function windowAt(start = 0) {
  const clock = { now: start };
  return { clock, window: new LatencyWindow(() => clock.now) };
}

it('percentiles are of what was recorded, within 1 %', () => {
  const { window } = windowAt();
  for (let ms = 1; ms <= 1_000; ms += 1) window.record(ms);
  const { count, p50, p95, p99 } = window.summary();
  expect(count).toBe(1_000);
  for (const [shown, exact] of [
    [p50, 500],
    [p95, 950],
    [p99, 990],
  ] as const) {
    expect(Math.abs(shown! - exact) / exact).toBeLessThan(0.011);
  }
});

it('a single fast request is shown to three digits at most', () => {
  const { window } = windowAt();
  window.record(0.123_456);
  expect(window.summary()).toEqual({ count: 1, p50: 0.123, p95: 0.123, p99: 0.123 });
});

it('an empty window has no percentiles rather than zeros', () => {
  expect(windowAt().window.summary()).toEqual({ count: 0, p50: null, p95: null, p99: null });
});

it('a spike is forgotten after five minutes', () => {
  const { clock, window } = windowAt(7 * minute);
  window.record(5_000);
  clock.now += 4 * minute;
  window.record(10);
  expect(window.summary()).toMatchObject({ count: 2, p99: expect.closeTo(5_000, -2) });
  clock.now += minute;
  expect(window.summary()).toMatchObject({ count: 1, p99: 10 });
  clock.now += 5 * minute;
  expect(window.summary().count).toBe(0);
});

it('after a long silence the ring starts anew', () => {
  const { clock, window } = windowAt();
  for (let turn = 0; turn < 20; turn += 1) {
    window.record(100);
    clock.now += minute / 2;
  }
  clock.now += 60 * minute;
  window.record(1);
  expect(window.summary()).toEqual({ count: 1, p50: 1, p95: 1, p99: 1 });
});
