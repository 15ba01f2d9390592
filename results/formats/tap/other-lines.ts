// SPDX-License-Identifier: GPL-2.0-only

/** `TAP version 13`, `TAP version 14`, `KTAP version 1`. */
export function parseVersion(content: string): 'tap' | 'ktap' | null {
  const match = /^(K?)TAP version \d{1,3}$/i.exec(content);
  if (match === null) return null;
  return match[1] === '' ? 'tap' : 'ktap';
}

/** `1..N`, `1..0 # SKIP reason` (kselftest.h: `ksft_exit_skip()`). `skip` is null where something is planned. */
export function parsePlan(content: string): { count: number; skip: string | null } | null {
  const match = /^1\.\.(\d{1,15})(?:[ \t]+#[ \t]*(.*))?$/.exec(content);
  if (match === null) return null;
  const count = Number(match[1]);
  const remark = (match[2] ?? '').replace(/^skip(?:ped)?(?!\w):?/i, '').trim();
  return { count, skip: count === 0 ? remark : null };
}

/** `Bail out! [reason]`: the reason, empty where none is given. */
export function parseBailOut(content: string): string | null {
  const match = /^Bail out!(.*)/i.exec(content);
  return match === null ? null : match[1]!.trim();
}

/** `# selftests: net/mptcp: diag.sh`, without the `# `: kselftest/runner.sh starts a test. */
export function parseRunnerHeader(content: string): { collection: string; name: string } | null {
  const match = /^selftests: (\S+): (\S+)$/.exec(content);
  return match === null ? null : { collection: match[1]!, name: match[2]! };
}

/** `# Subtest: NAME` (TAP 14, KUnit), with or without the `# `: the name. */
export function parseSubtestHeader(content: string): string | null {
  const match = /^(?:# )?Subtest: (.*\S)/.exec(content);
  return match === null ? null : match[1]!.trim();
}

/**
 * `#:ktap_speed: slow`: KTAP 2's metadata as posted (Documentation/dev-tools/ktap.rst, `#:<prefix>_<type>: <value>`);
 * the key with its prefix.
 */
export function parseMetadata(content: string): { key: string; value: string } | null {
  const match = /^#:[ \t]?([A-Za-z][\w-]{0,63}):(.*)/.exec(content);
  return match === null ? null : { key: match[1]!, value: match[2]!.trim().slice(0, 400) };
}

/** Counters that kselftest.h, ktap_helpers.sh and KUnit print at the end: they explain no single result. */
export function isTotals(content: string): boolean {
  // Nearly all lines are done with after two quick looks.
  if (!content.includes(': pass:') && !content.includes('test')) return false;
  return /^(?:# )?(?:\S+: pass:\d|Planned tests != run tests|\d+ skipped test\(s\) detected)/.test(content);
}
