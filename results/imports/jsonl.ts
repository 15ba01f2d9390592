// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { kinds } from '../crash/index.ts';
import type { Json, RunEnd, RunStart, SubtestReport, TestReport } from '../store/types.ts';
import { outcomes } from '../words.ts';
import { plausible } from './dates.ts';
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
import { type JsonLine, jsonLines } from './json-lines.ts';
import { runStart } from './place.ts';
import { refuseLarge } from './read-file.ts';
import { wrong } from './wrong.ts';

const time = z.number().refine((value) => plausible(value) !== null, 'no plausible date');
const count = z.int().min(0);
const ms = z.number().min(0).max(1e12);

const runShape = z.object({
  type: z.literal('run'),
  uuid: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
  ...{ suite: z.string(), branch: z.string(), revision: z.string(), position: z.int() },
  branchUrl: z.string().nullish(),
  branchRef: z.string().nullish(),
  commit: z.string().max(200).nullish(),
  platform: z.object({
    ...{ arch: z.string(), accel: z.string(), cpus: count, flavour: z.string(), options: z.string() },
  }),
  environment: z.custom<{ [key: string]: Json }>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      isShallow(value, 32) &&
      JSON.stringify(value).length <= MiB,
    'no object of at most 32 levels and 1 MiB',
  ),
  ...{ command: z.string(), reason: z.string(), startedAt: time, finishedAt: time.nullable() },
  state: z.enum(['running', 'complete', 'incomplete', 'error']),
});

const result = {
  outcome: z.enum(outcomes),
  ...{ line: count.nullable(), message: z.string(), durationMs: ms.nullable() },
};
const names = Object.keys(kinds) as [keyof typeof kinds];
const testShape = z.object({
  ...{ type: z.literal('test'), collection: z.string(), name: z.string(), attempt: z.int().min(1).max(1e6) },
  ...{
    ...result,
    startedAt: time,
    cpuMs: ms.nullable(),
    exitCode: z.int().nullable(),
    signal: z.string().max(200).nullable(),
  },
  ...{ timeoutMs: ms, vm: count, logs: z.array(z.unknown()).optional() },
  problems: z.array(z.object({ line: count, text: z.string() })),
  crashes: z
    .array(
      z.object({
        ...{
          signature: z.string(),
          kind: z.enum(names),
          title: z.string(),
          frames: z.array(z.string()).max(64),
        },
        ...{ line: count, fatal: z.boolean() },
      }),
    )
    .optional(),
});
const subtestShape = z.object({
  ...{
    type: z.literal('subtest'),
    collection: z.string(),
    test: z.string(),
    attempt: z.int(),
    name: z.string(),
  },
  ...{ ...result, markedFlaky: z.boolean() },
});

/**
 * What `multitap export --format jsonl` writes: a run, the attempts of its tests, behind each its subtests. Several
 * exports in one file are several runs. They keep their UUIDs. Logs are not in it.
 */
export const jsonl: ImportFormat = {
  name: 'jsonl',
  summary: 'JSON Lines as `multitap export` writes them',
  maxBytes: 256 * MiB,
  async *read(file, options) {
    refuseLarge(file.bytes, this.maxBytes);
    let open: Run | null = null;
    for await (const line of jsonLines(file)) {
      if (line.value.type !== 'run') {
        if (open === null)
          throw new ImportError(`${line.place} comes before any run: it is no export of multitap`);
        open.add(line);
        continue;
      }
      if (open !== null) yield* open.end();
      open = new Run(line, file, options);
    }
    if (open === null) throw new ImportError('holds no run: it is no export of multitap');
    yield* open.end();
  },
};

/** What is deeper cannot be written again: JSON.stringify calls itself. */
function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((part) => isShallow(part, levels - 1));
}

/** A run while its lines come. */
class Run {
  #place: string;
  #start: RunStart;
  #end: RunEnd;
  #tests: TestReport[][] = [];
  #problems: ImportEvent[] = [];
  #logs = 0;
  #results = 0;

  /** @throws ImportError for a line that does not tell what was tested: nothing of the run could be stored */
  constructor(line: JsonLine, file: ImportFile, options: ImportOptions) {
    const parsed = runShape.safeParse(line.value);
    if (!parsed.success) throw new ImportError(`${line.place} is no run of multitap: ${wrong(parsed.error)}`);
    const run = parsed.data;
    this.#place = line.place;
    const { uuid, suite, startedAt, platform, environment } = run;
    const branch = {
      name: run.branch,
      ...(run.branchUrl ? { url: run.branchUrl } : {}),
      ...(run.branchRef ? { ref: run.branchRef } : {}),
    };
    const commit = run.commit ? { commit: run.commit } : {};
    const revision = { name: run.revision, position: run.position, ...commit };
    const known = { uuid, suite, branch, revision, startedAt, variant: platform, facts: environment };
    this.#start = { ...runStart('jsonl', file, options, known), command: run.command };
    const finishedAt = run.finishedAt ?? startedAt;
    this.#end =
      run.state === 'running'
        ? { state: 'incomplete', finishedAt, reason: 'it was still running when it was exported' }
        : { state: run.state, finishedAt, reason: run.reason };
  }

  add(line: JsonLine): void {
    if (++this.#results > maxResultsOfRun)
      throw new ImportError(`${this.#place}: the run has more than ${maxResultsOfRun} results`);
    if (line.value.type === 'test') this.#addTest(line);
    else if (line.value.type === 'subtest') this.#addSubtest(line);
    else this.#problems.push(problem(line.place, 'not stored: neither a run nor a test nor a subtest'));
  }

  *end(): Iterable<ImportEvent> {
    yield* this.#problems;
    if (this.#logs > 0) yield note(this.#place, `${this.#logs} logs are named and not part of an export`);
    yield {
      type: 'run',
      run: { place: this.#place, start: this.#start, tests: this.#tests, end: this.#end },
    };
  }

  #addTest(line: JsonLine): void {
    const parsed = testShape.safeParse(line.value);
    if (!parsed.success) {
      this.#problems.push(problem(line.place, `not stored: ${wrong(parsed.error)}`));
      return;
    }
    const { type: _type, logs, crashes, ...test } = parsed.data;
    this.#logs += logs?.length ?? 0;
    const report = { ...test, subtests: [], logs: [], ...(crashes === undefined ? {} : { crashes }) };
    const last = this.#tests.at(-1)?.at(-1);
    const isNext = last && last.collection === test.collection && last.name === test.name;
    if (isNext && last.attempt < test.attempt) this.#tests.at(-1)!.push(report);
    else this.#tests.push([report]);
  }

  #addSubtest(line: JsonLine): void {
    const parsed = subtestShape.safeParse(line.value);
    if (!parsed.success) {
      this.#problems.push(problem(line.place, `not stored: ${wrong(parsed.error)}`));
      return;
    }
    const { type: _type, collection, test, attempt, ...subtest } = parsed.data;
    const last = this.#tests.at(-1)?.at(-1);
    if (last?.collection === collection && last.name === test && last.attempt === attempt)
      last.subtests.push(subtest satisfies SubtestReport);
    else
      this.#problems.push(problem(line.place, 'not stored: a subtest that does not stand behind its test'));
  }
}
