// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import type { RunEnd, SubtestReport, TestReport } from '../store/types.ts';
import { parseCompactDate } from './dates.ts';
import {
  ImportError,
  type ImportEvent,
  type ImportFile,
  type ImportFormat,
  type ImportOptions,
  MiB,
  maxResultsOfRun,
  note,
  problem,
} from './import.ts';
import { bareTest, runStart } from './place.ts';
import { readJson } from './read-file.ts';
import { nameUuid } from './uuid.ts';
import { wrong } from './wrong.ts';

/** The real history has a thousand for each mode. */
const maxRuns = 100_000;
/** Characters of what the CI says of a run. */
const maxWords = 1000;

const element = z.object({
  run_id: z.string().regex(/^\d{1,15}$/),
  tag: z.string().max(200),
  results: z
    .custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
    .optional(),
  error: z.string().optional(),
  warn: z.string().optional(),
});
type Element = z.infer<typeof element>;

const entry = z.object({
  result: z.enum(['fail', 'flaky']),
  name: z.string(),
  comment: z.string().optional(),
  time_ms: z
    .union([
      z
        .string()
        .regex(/^\d{1,12}$/)
        .transform(Number),
      z.number().min(0),
    ])
    .optional(),
});

/** `all`, also several times (`all - all`): nothing of the run was reported. */
const nothingReported = /^all(?: - all)*$/;

/**
 * The history that the MPTCP CI publishes, one file for each mode (`export-debug.json`):
 * `[{"results":{FILE:{NUMBER:{result,name,comment,time_ms}}},"run_id","tag","error","warn"}]`.
 *
 * It lists what failed (`fail`) and what failed with the author's mark that it may (`flaky`), nothing else; nothing
 * else is stored. A FILE is a test, what is listed in it its subtests: the test failed where one of them did, and
 * where all of them are marked it is an expected failure as they are. NUMBER changes its meaning and is not kept.
 */
export const mptcpCi: ImportFormat = {
  name: 'mptcp-ci',
  summary: 'the MPTCP CI’s history, a JSON file for each mode',
  maxBytes: 32 * MiB,
  async *read(file, options) {
    const { mode, branch } = modeOf(file, options);
    const elements = await readJson(file, this.maxBytes);
    if (!Array.isArray(elements))
      throw new ImportError('is no history of the MPTCP CI: an array of runs was expected');
    if (elements.length > maxRuns) throw new ImportError(`has more than ${maxRuns} runs`);
    const dates = datesOf(elements);
    for (const [i, value] of elements.entries()) {
      const place = `[${i}]`;
      const one = element.safeParse(value);
      if (one.success) yield* eventsOf(place, one.data, { file, options, mode, branch, dates });
      else if (isEmpty(value)) yield problem(place, 'not stored: an empty run, which says nothing');
      else yield problem(place, `not stored: no run: ${wrong(one.error)}`);
    }
  },
};

/** `debug` and `export` of `export-debug.json`. @throws ImportError where the name tells no mode and nobody else does */
function modeOf({ base }: ImportFile, { variant }: ImportOptions): { mode: string; branch: string } {
  const match = /^(export(?:-net)?)-([\w-]{1,60})\.json$/.exec(base);
  const mode = match?.[2] ?? variant?.flavour;
  if (mode !== undefined) return { mode, branch: match?.[1] ?? 'export' };
  throw new ImportError(
    'tells no mode: a name like export-debug.json was expected, or --variant flavour=debug',
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** `export/20241017T090159`: milliseconds since the epoch; null where it tells none. */
function dateOf(tag: string): number | null {
  return parseCompactDate(tag.split('/').at(-1)!);
}

type Dates = { runId: number; time: number }[];

/** When the runs began whose tags tell it, by the number of the run, which GitHub counts up. */
function datesOf(elements: readonly unknown[]): Dates {
  return elements
    .flatMap((value) => {
      const { data } = element.safeParse(value);
      const time = data === undefined ? null : dateOf(data.tag);
      return time === null ? [] : { runId: Number(data!.run_id), time };
    })
    .sort((a, b) => a.runId - b.runId);
}

/**
 * A run of a branch that was not tagged yet: it began between the runs before and behind it, at most days apart. The
 * date of the one before is taken, of the one behind where it is the first.
 */
function estimate(dates: Dates, runId: number): number | null {
  return (dates.findLast((one) => one.runId < runId) ?? dates.find((one) => one.runId > runId))?.time ?? null;
}

interface Context {
  file: ImportFile;
  options: ImportOptions;
  mode: string;
  branch: string;
  dates: Dates;
}

function* eventsOf(place: string, one: Element, context: Context): Iterable<ImportEvent> {
  const { file, options, mode, branch, dates } = context;
  const { run_id, tag, error, warn } = one;
  const told = dateOf(tag);
  const startedAt = told ?? estimate(dates, Number(run_id));
  if (startedAt === null) {
    yield problem(
      place,
      `run ${run_id}: its tag ${JSON.stringify(tag)} tells no date, nor does any other run: not stored`,
    );
    return;
  }
  const { tests, problems } = testsOf(place, one.results ?? {}, startedAt);
  yield* problems;
  if (told === null) {
    const date = new Date(startedAt).toISOString().slice(0, 10);
    yield note(
      place,
      `run ${run_id}: its tag ${JSON.stringify(tag)} tells no date; that of its neighbour is taken, ${date}`,
    );
  }
  if (warn !== undefined) yield note(place, `run ${run_id}: its CI warned: ${warn}`);
  const start = runStart('mptcp-ci', file, options, {
    uuid: nameUuid('mptcp-ci', [branch, mode, run_id]),
    ...{ suite: 'mptcp', branch: { name: branch }, variant: { flavour: mode }, startedAt },
    revision: { name: told === null ? `${tag} (run ${run_id})` : tag },
    facts: {
      ...{ run_id, tag, dateEstimated: told === null },
      ...(warn === undefined ? {} : { warn: warn.slice(0, maxWords) }),
      ...(error === undefined ? {} : { error: error.slice(0, maxWords) }),
    },
  });
  yield { type: 'run', run: { place, start, tests, end: endOf(startedAt, error) } };
}

/** What a run that says `error` lists came to that; the rest of it is not known. */
function endOf(finishedAt: number, error: string | undefined): RunEnd {
  if (error === undefined) return { state: 'complete', finishedAt, reason: '' };
  if (!nothingReported.test(error)) return { state: 'incomplete', finishedAt, reason: error };
  return { state: 'error', finishedAt, reason: `the CI reported nothing of it (error: ${error})` };
}

function testsOf(place: string, results: object, startedAt: number) {
  const problems: ImportEvent[] = [];
  const tests: TestReport[][] = [];
  let left = maxResultsOfRun;
  for (const [collection, numbered] of Object.entries(results)) {
    const where = `${place}.results.${collection.slice(0, 200)}`;
    const subtests: SubtestReport[] = [];
    for (const [number, value] of numbersOf(numbered)) {
      if (left-- <= 0) throw new ImportError(`${place} has more than ${maxResultsOfRun} results`);
      const parsed = entry.safeParse(value);
      if (!parsed.success)
        problems.push(problem(`${where}.${number.slice(0, 20)}`, `not stored: ${wrong(parsed.error)}`));
      else subtests.push(subtestOf(parsed.data));
    }
    if (subtests.length === 0) problems.push(problem(where, 'no results'));
    else tests.push([testOf(collection, subtests, startedAt)]);
  }
  return { tests, problems };
}

function numbersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function subtestOf({ result, name, comment = '', time_ms }: z.infer<typeof entry>): SubtestReport {
  const markedFlaky = result === 'flaky';
  const durationMs = time_ms ?? durationIn(comment);
  return {
    name,
    outcome: markedFlaky ? 'xfail' : 'fail',
    durationMs,
    line: null,
    markedFlaky,
    message: comment,
  };
}

/** Some runs have the time in the comment only: `time=60241ms`. */
function durationIn(comment: string): number | null {
  const match = /\btime=(\d{1,12})ms\b/.exec(comment);
  return match ? Number(match[1]) : null;
}

function testOf(name: string, subtests: SubtestReport[], startedAt: number): TestReport {
  const failed = subtests.filter(({ outcome }) => outcome === 'fail').length;
  return bareTest({
    ...{ collection: 'mptcp-ci', name, startedAt, subtests, outcome: failed > 0 ? 'fail' : 'xfail' },
    message: `${failed} failed, ${subtests.length - failed} marked flaky; what passed is not listed`,
  });
}
