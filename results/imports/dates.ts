// SPDX-License-Identifier: GPL-2.0-only

// A clock that was never set says 1970; the store and its pages need dates that a calendar has.
const first = Date.UTC(1990, 0, 1);
const last = Date.UTC(2200, 0, 1);

/** The same time; null for what no test machine's clock can have said. */
export function plausible(time: number): number | null {
  return Number.isFinite(time) && time >= first && time < last ? Math.round(time) : null;
}

/**
 * ISO 8601, also with a space for the `T` as Python's `str(datetime)` has it; without a zone it is UTC.
 * @returns milliseconds since the epoch; null for anything else
 */
export function parseDate(text: string): number | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(
    text.trim(),
  );
  if (!match) return null;
  const [, day, clock = '00:00', zone = 'Z'] = match;
  return plausible(Date.parse(`${day}T${clock}${zone.replace(/^(...)(\d\d)$/, '$1:$2')}`));
}

/** `20241017T090159` of `export/20241017T090159`: UTC. */
export function parseCompactDate(text: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1);
  return parseDate(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** `2026-11-22--00-00` at the end of NIPA's branches: UTC. */
export function parseNipaDate(text: string): number | null {
  const match = /^(\d{4}-\d\d-\d\d)--(\d\d)-(\d\d)$/.exec(text);
  return match ? parseDate(`${match[1]}T${match[2]}:${match[3]}Z`) : null;
}
