// SPDX-License-Identifier: GPL-2.0-only
import { isBad } from '../../../results/words.ts';
import { branchUrl, historyUrl, logUrl, testUrl } from '../../show/links.ts';
import { countAll, passRate } from '../../show/outcome.ts';
import type { View } from '../../web/site.ts';
import { durationPlot } from './plot.ts';
import { type HistoryPage, mostPoints } from './query.ts';

export function historyView(history: HistoryPage): View {
  const name = history.subtest || history.test;
  return {
    ...history,
    name,
    title: `${name} on ${history.branch}`,
    trail: trailOf(history),
    branchHref: branchUrl(history.branch),
    rate: passRate(history.counts),
    strip: history.points.map((point) => ({ ...point, href: placeOf(point.runId, history) })),
    plot: durationPlot(history.points),
    points: history.points.map((point) => ({
      ...point,
      bad: isBad(point.outcome),
      retried: point.attempts > 1,
      href: placeOf(point.runId, history),
      logHref: point.log === null ? null : logUrl(point.log, point.line),
    })),
    more: moreUrl(history),
    // What fails most is what one came for.
    subtests: [...history.subtests].sort((a, b) => b.bad - a.bad || a.name.localeCompare(b.name, 'en')),
    anyBad: history.subtests.some((subtest) => subtest.bad > 0),
  };
}

/** A subtest stands in its test's fold on the run's page: that is what has an anchor. */
function placeOf(run: number, { series, parent }: HistoryPage): string {
  return testUrl(run, parent ?? series);
}

function trailOf(history: HistoryPage) {
  const up = history.parent === null;
  const trail = [
    { name: 'Overview', href: '/', up: false },
    { name: history.branch, href: branchUrl(history.branch), up },
  ];
  if (history.parent === null) return [...trail, { name: history.test, href: null, up: false }];
  return [
    ...trail,
    { name: history.test, href: historyUrl(history.parent), up: true },
    { name: history.subtest, href: null, up: false },
  ];
}

/** The counts are of all time, the points only as many as were asked for. */
function moreUrl({ series, counts, points, limit }: HistoryPage) {
  const cut = points.length === limit && points.length < Math.min(countAll(counts), mostPoints);
  return cut ? `${historyUrl(series)}?limit=${Math.min(limit * 5, mostPoints)}` : null;
}
