// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import type { RunEnd } from '../store/types.ts';
import { parseCompactDate } from './dates.ts';
import { nameUuid } from './identity.ts';
import {
  ImportError,
  type ImportEvent,
  type ImportFile,
  type ImportFormat,
  type ImportOptions,
  MiB,
  note,
  problem,
} from './import.ts';
import { testsOf } from './mptcp-ci-tests.ts';
import { readJson } from './read-file.ts';
import { runStart } from './run-start.ts';
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

/** `all`, also several times (`all - all`): nothing of the run was reported. */
const nothingReported = /^all(?: - all)*$/;

/**
 * The history that the MPTCP CI publishes, one file for each mode (`export-debug.json`):
 * `[{"results":{FILE:{NUMBER:{result,name,comment,time_ms}}},"run_id","tag","error","warn"}]`.
 *
 * It lists what failed (`fail`) and what failed with the author's mark that it may (`flaky`), nothing else; nothing
 * else is stored. What a FILE is: `mptcp-ci-tests.ts`. NUMBER changes its meaning and is not kept.
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
      // The real history begins with one. Nothing is lost, so that it is no problem.
      else if (isEmpty(value)) yield note(place, 'an empty run, which says nothing: not stored');
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
  let low = 0;
  let high = dates.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (dates[middle]!.runId < runId) low = middle + 1;
    else high = middle;
  }
  return (dates[low - 1] ?? dates[low])?.time ?? null;
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
  const { tests, problems, files } = testsOf(place, one.results ?? {}, startedAt);
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
      ...{ run_id, tag, dateEstimated: told === null, files },
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
