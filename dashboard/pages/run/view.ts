// SPDX-License-Identifier: GPL-2.0-only
import type { TestResult } from '../../../results/store/types.ts';
import { branchUrl, runUrl } from '../../show/links.ts';
import { countAll } from '../../show/outcome.ts';
import { standing, took } from '../../show/state.ts';
import type { Question, View } from '../../web/site.ts';
import { environmentRows } from './environment.ts';
import { badSubtests, failures, lastAttempts, needsLook, testName } from './failures.ts';
import type { RunPage } from './query.ts';
import { rowMaker } from './tests.ts';

const refreshSeconds = 5;

export function runView(run: RunPage, { now }: Question): View {
  const last = lastAttempts(run.results);
  const failing = failures(run.results);
  const row = rowMaker(run);
  const running = run.state === 'running';
  const collections = new Set([...run.planned, ...run.results].map((test) => test.collection));
  const pending = running && run.test === null && run.show === 'all' ? notYet(run, last) : [];
  return {
    ...run,
    title: `Run #${run.id}: ${run.suite} on ${run.revision}`,
    trail: [
      { name: 'Overview', href: '/' },
      { name: run.branch, href: branchUrl(run.branch), up: true },
      { name: `Run #${run.id}`, href: null },
    ],
    refreshSeconds: running ? refreshSeconds : null,
    standing: standing(run),
    branchHref: branchUrl(run.branch),
    tookMs: running ? now - run.startedAt : took(run),
    running,
    // Of the whole run, whatever the filter shows.
    done: Math.min(run.plannedTests, countAll(run.tests)),
    collection: collections.size === 1 ? [...collections][0] : null,
    failing: failing
      .filter((test) => test.outcome !== 'missing')
      .map((test) => ({
        ...row(test),
        bad: badSubtests(test),
        excerpt: excerptFor(test, run),
      })),
    anyFailing: failing.length,
    // Without a log there is nothing to say but their names.
    missing: failing.filter((test) => test.outcome === 'missing'),
    retried: savedByRetry(run.results, last),
    rows: run.results.map(row),
    pending,
    filters: filters(run, failing.length > 0),
    environmentRows: environmentRows(run.environment),
  };
}

function excerptFor(test: TestResult, run: RunPage) {
  const found = run.excerpts.find((each) => each.series === test.series && each.attempt === test.attempt);
  if (!found) return null;
  const lines = found.lines.map((line) => ({ ...line, target: line.number === found.target }));
  return { ...found, lines };
}

/** Passed in the end, but not at first: what a flaky test looks like. */
function savedByRetry(results: readonly TestResult[], last: readonly TestResult[]): TestResult[] {
  const failedOnce = new Set(results.filter(needsLook).map(testName));
  return last.filter((test) => !needsLook(test) && failedOnce.has(testName(test)));
}

/** The planned tests that have not reported. */
function notYet(run: RunPage, last: readonly TestResult[]): { collection: string; name: string }[] {
  const reported = new Set(last.map(testName));
  return run.planned.filter((test) => !reported.has(testName(test)));
}

function filters(run: RunPage, anyFailing: boolean) {
  const test = run.test === null ? '' : `test=${encodeURIComponent(run.test)}`;
  const url = runUrl(run.id);
  return {
    failures: run.show === 'failures' || !anyFailing ? null : `${url}?show=failures${test && `&${test}`}`,
    everything: run.show === 'failures' ? `${url}${test && `?${test}`}` : null,
    allTests: run.test === null ? null : url,
  };
}
