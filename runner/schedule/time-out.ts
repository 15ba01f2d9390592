// SPDX-License-Identifier: GPL-2.0-only

/** Short time-outs are stretched by as much as the guest is slow, long ones have slack already. */
const STRETCH_MAX_S = 3600;
/** `timeout=0` of a settings file: as long as it likes, but a VM is not held for ever. */
const UNLIMITED_S = 6 * 3600;

/** The seconds that a test gets in a guest that is `factor` times slower than a real machine. */
export function stretch(seconds: number, factor: number): number {
  if (seconds === 0) return UNLIMITED_S;
  return Math.round(Math.max(seconds, Math.min(seconds * factor, STRETCH_MAX_S)));
}
