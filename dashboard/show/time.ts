// SPDX-License-Identifier: GPL-2.0-only

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `153 ms`, `33.5 s`, `2 min 10 s`, `1 h 04 min`. */
export function duration(ms: number): string {
  if (ms < second) return `${Math.round(ms)} ms`;
  if (ms < minute - 50) return `${(ms / second).toFixed(1)} s`;
  if (ms < hour - 500) {
    const seconds = Math.round(ms / second);
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  }
  const minutes = Math.round(ms / minute);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `5 min ago`; the date alone from two weeks on, where nobody counts days any more. */
export function ago(at: number, now: number): string {
  const passed = now - at;
  if (passed < -minute || passed >= 14 * day) return utc(at).slice(0, 10);
  if (passed < minute) return 'just now';
  if (passed < hour) return `${Math.floor(passed / minute)} min ago`;
  if (passed < 2 * day) return `${Math.floor(passed / hour)} h ago`;
  return `${Math.floor(passed / day)} d ago`;
}

/** `2026-11-22 10:22:33 UTC`. */
export function utc(at: number): string {
  return `${iso(at).slice(0, 19).replace('T', ' ')} UTC`;
}

/** For `datetime` attributes. A time that no calendar holds is shown as the epoch rather than failing the page. */
export function iso(at: number): string {
  const date = new Date(at);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}
