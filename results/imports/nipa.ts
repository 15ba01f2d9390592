// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { signatureOf } from '../crash/signature.ts';
import { boundName } from '../store/text.ts';
import type { CrashSighting, SubtestReport, TestReport } from '../store/types.ts';
import type { Outcome } from '../words.ts';
import { parseDate, parseNipaDate } from './dates.ts';
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

const maxBytes = 32 * MiB;
/** NIPA itself keeps 500. */
const maxRuns = 10_000;
/** Characters of what is only shown. */
const maxWords = 1000;
/** NIPA itself nests once; deeper names are joined. */
const maxDepth = 16;

const manifest = z
  .array(z.object({ url: z.string().nullable(), executor: z.string(), branch: z.string() }))
  .max(maxRuns);

const resultFile = z.object({
  executor: z.string().min(1).max(maxWords),
  branch: z.string().min(1).max(maxWords),
  start: z.string().max(60),
  end: z.string().max(60).nullish(),
  link: z.string().nullish(),
  results: z.array(z.unknown()),
});

const word = z.enum(['pass', 'fail', 'skip']);
const seconds = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,9}(\.\d{1,9})?$/)
      .transform(Number),
  ])
  .nullish();
const common = { test: z.string(), result: word, retry: word.nullish(), time: seconds };
const testShape = z.object({
  ...common,
  group: z.string().nullish(),
  link: z.string().nullish(),
  crashes: z.array(z.string()).max(1000).nullish(),
  results: z.array(z.unknown()).nullish(),
});
const subtestShape = z.object({ ...common, results: z.array(z.unknown()).nullish() });

/**
 * What an executor of netdev's contest publishes (NIPA, contest/remote): a result file, or the manifest
 * `results.json` that names such files. Files are looked for beside the manifest; nothing is fetched.
 * `result` is the first attempt, `retry` the second. Groups are collections, executors are suites.
 */
export const nipa: ImportFormat = {
  name: 'nipa',
  summary: 'a result file of netdev’s NIPA, or a manifest results.json with the files beside it',
  maxBytes,
  async *read(file, options) {
    const content = await readJson(file, maxBytes);
    if (Array.isArray(content)) yield* readManifest(file, content, options);
    else yield* readResults(file, content, options, '');
  },
};

async function* readManifest(file: ImportFile, content: unknown, options: ImportOptions) {
  const parsed = manifest.safeParse(content);
  if (!parsed.success) throw new ImportError(`is no manifest of NIPA: ${wrong(parsed.error)}`);
  for (const [i, { url, executor, branch }] of parsed.data.entries()) {
    const place = `[${i}]`;
    const which = `${executor} ${branch}`.slice(0, 300);
    if (url === null) yield note(place, `${which}: still running, has no results yet`);
    else if (/^[a-z][a-z0-9+.-]*:/i.test(url))
      yield problem(
        place,
        `${which}: ${url.slice(0, 300)} is not fetched; put it beside the manifest under its own name`,
      );
    else yield* readNamed(file, url, options, place);
  }
}

/** One file that is bad takes none of the others with it. */
async function* readNamed(file: ImportFile, base: string, options: ImportOptions, place: string) {
  try {
    const beside = await file.beside(base);
    yield* readResults(beside, await readJson(beside, maxBytes), options, `${place} ${base}`);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    yield problem(`${place} ${base.slice(0, 200)}`, error.message);
  }
}

function* readResults(
  file: ImportFile,
  content: unknown,
  options: ImportOptions,
  place: string,
): Iterable<ImportEvent> {
  const parsed = resultFile.safeParse(content);
  if (!parsed.success) throw new ImportError(`is no result file of NIPA: ${wrong(parsed.error)}`);
  const { executor, branch, start, end, link, results } = parsed.data;
  const startedAt = parseDate(start);
  if (startedAt === null)
    throw new ImportError(`is no result file of NIPA: start ${JSON.stringify(start)} is no date`);
  const reader = new Tests(place, startedAt);
  for (const [i, one] of results.entries()) reader.add(`results[${i}]`, one);
  yield* reader.problems;
  const { tests } = reader;
  const known = {
    uuid: nameUuid('nipa', [executor, branch]),
    ...{ suite: executor, startedAt, ...branchOf(branch) },
    variant: { flavour: /-(dbg|debug)$/.test(executor) ? 'debug' : 'normal' },
    facts: { executor, nipaBranch: branch, ...(link ? { link: link.slice(0, maxWords) } : {}) },
  };
  const finishedAt = Math.max(startedAt, parseDate(end ?? '') ?? startedAt);
  const run = {
    place,
    start: runStart('nipa', file, options, known),
    tests,
    end: { state: 'complete' as const, finishedAt, reason: '' },
  };
  yield { type: 'run', run };
}

/** `net-next` and its state of `2026-11-22--00-00`; a branch without a date is followed under its own name. */
function branchOf(branch: string) {
  const match = /^(.+)-(\d{4}-\d\d-\d\d--\d\d-\d\d)$/.exec(branch);
  const date = match ? parseNipaDate(match[2]!) : null;
  if (match === null || date === null) return { branch: { name: branch }, revision: { name: branch } };
  return { branch: { name: match[1]! }, revision: { name: branch, position: Math.floor(date / 1000) } };
}

/** The attempts of a file's tests. */
class Tests {
  readonly tests: TestReport[][] = [];
  readonly problems: ImportEvent[] = [];
  #place: string;
  #startedAt: number;
  #count = 0;

  constructor(place: string, startedAt: number) {
    this.#place = place;
    this.#startedAt = startedAt;
  }

  add(where: string, value: unknown): void {
    this.#bound();
    const parsed = testShape.safeParse(value);
    if (!parsed.success) {
      this.#tell(where, `not stored: ${wrong(parsed.error)}`);
      return;
    }
    const { test: name, group, link, crashes, results, ...one } = parsed.data;
    const attempts: SubtestReport[][] = [[], []];
    this.#subtests(where, results ?? [], [], attempts);
    const message = (outcome: Outcome) => (outcome === 'pass' || !link ? '' : `log: ${link}`);
    const bare = (attempt: 1 | 2, outcome: Outcome) =>
      bareTest({
        ...{ collection: group ?? '', name, attempt, outcome, message: message(outcome) },
        ...{ subtests: attempts[attempt - 1]!, startedAt: this.#startedAt },
        durationMs: attempt === 1 ? msOf(one.time) : null,
        ...(attempt === 1 && crashes?.length ? { crashes: crashes.map(sighting) } : {}),
      });
    this.tests.push(one.retry ? [bare(1, one.result), bare(2, one.retry)] : [bare(1, one.result)]);
    if (!one.retry && attempts[1]!.length > 0)
      this.#tell(
        where,
        `${attempts[1]!.length} subtests were retried and the test was not: their retries are not stored`,
      );
  }

  /** Each subtest's first and second attempt; one that the first did not come to is a skip there. */
  #subtests(
    where: string,
    list: readonly unknown[],
    path: readonly string[],
    attempts: SubtestReport[][],
  ): void {
    if (path.length >= maxDepth) {
      this.#tell(where, 'not stored: results nested too deep');
      return;
    }
    for (const [i, value] of list.entries()) {
      const place = `${where}.results[${i}]`;
      this.#bound();
      const parsed = subtestShape.safeParse(value);
      if (!parsed.success) {
        this.#tell(place, `not stored: ${wrong(parsed.error)}`);
        continue;
      }
      const { test, result, retry, time, results } = parsed.data;
      const name = [...path, test].join(' / ');
      const base = { name, line: null, markedFlaky: false, message: '' };
      attempts[0]!.push({ ...base, outcome: result, durationMs: msOf(time) });
      if (retry) attempts[1]!.push({ ...base, outcome: retry, durationMs: null });
      this.#subtests(place, results ?? [], [...path, boundName(test)], attempts);
    }
  }

  #tell(where: string, text: string): void {
    this.problems.push(problem([this.#place, where].filter(Boolean).join(' '), text));
  }

  #bound(): void {
    if (++this.#count > maxResultsOfRun) throw new ImportError(`has more than ${maxResultsOfRun} results`);
  }
}

/** Seconds as NIPA counts them; what no clock can have measured is none. */
function msOf(time: number | null | undefined): number | null {
  return typeof time === 'number' && time >= 0 && time < 1e8 ? Math.round(time * 1000) : null;
}

/** NIPA tells the top five functions of a trace and not what it was about. */
function sighting(fingerprint: string): CrashSighting {
  const frames = fingerprint.slice(0, 1000).split(':').filter(Boolean).slice(0, 8);
  return {
    signature: signatureOf('warn', 'NIPA', frames),
    ...{ kind: 'warn', title: `trace in ${frames[0] ?? 'no function'}, told by NIPA`, frames },
    ...{ line: 1, fatal: false },
  };
}
