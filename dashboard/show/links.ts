// SPDX-License-Identifier: GPL-2.0-only

/** How many lines of a log one page shows: enough to read, few enough for any browser. */
export const linesPerPage = 2000;

/** The first line of the page that holds this line. Pages start at 1, 2001, … so that links stay few and cacheable. */
export function pageStart(line: number): number {
  return Math.floor((line - 1) / linesPerPage) * linesPerPage + 1;
}

/** The address of a log, or of one line of it. */
export function logUrl(hash: string, line: number | null = null): string {
  if (line === null || line < 1) return `/log/${hash}`;
  const from = pageStart(line);
  return `/log/${hash}${from > 1 ? `?from=${from}` : ''}#L${line}`;
}

export function runUrl(id: number): string {
  return `/r/${id}`;
}

/** A test's place on its run's page. */
export function testUrl(run: number, series: number): string {
  return `/r/${run}#t${series}`;
}

export function historyUrl(series: number): string {
  return `/t/${series}`;
}

export function branchUrl(branch: string): string {
  return `/?branch=${encodeURIComponent(branch)}`;
}

/** Links only where a browser should go: a branch may be a path, or something hostile like `javascript:`. */
export function safeWebUrl(url: string | null): string | null {
  return url !== null && /^https?:\/\/[^\s]+$/i.test(url) ? url : null;
}
