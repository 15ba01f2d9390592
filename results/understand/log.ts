// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { type CrashKind, kinds } from '../crash/index.ts';
import { outcomes } from '../words.ts';

// What `multitap parse --json` prints, described in docs/reference/parse.md; docs/reference/parse.schema.json is made of
// this. Other tools build on it: fields may be added, none is renamed, taken away or given another meaning while
// `version` stays.

const line = z.int().min(0);
const count = z.int().min(0);
const outcome = z.enum(outcomes);
/** A file may hold any text, also what is no Unicode; it comes out as `�`. */
const text = z.string();
const unnamed = z.partialRecord(outcome, count);
const metadata = z.record(text, text).readonly();
const diagnostic = z.strictObject({ line, text });

const occurrence = z.strictObject({
  line,
  lastLine: line,
  /** Since the boot; null where the line has no stamp. */
  kernelTimeMs: z.number().nullable(),
  /** The way to the test that ran: names, outermost first. Null where none did. */
  test: z.array(text).nullable(),
});

/** A fault of the kernel, however often it was met. */
const crash = z.strictObject({
  signature: z.string().regex(/^[0-9a-f]{16}$/),
  kind: z.enum(Object.keys(kinds) as [CrashKind, ...CrashKind[]]),
  title: text,
  /** The top meaningful function; null where the report names none. */
  function: text.nullable(),
  frames: z.array(text),
  /** The kernel did not go on after one of them. */
  fatal: z.boolean(),
  count,
  /** The first `maxOccurrences` of them. */
  occurrences: z.array(occurrence),
});

const test = z.strictObject({
  /** Unique among its neighbours of the same collection: the second `x` is `x [2]`. */
  name: text,
  collection: text.nullable(),
  outcome,
  durationMs: z.number().min(0).nullable(),
  exitCode: z.int().nullable(),
  markedFlaky: z.boolean(),
  reason: text,
  line,
  lastLine: line,
  unnamed,
  metadata,
  diagnostics: z.array(diagnostic),
  /** Signatures of the crashes that were seen while it ran. */
  crashes: z.array(text),
  get subtests() {
    return z.array(test);
  },
});

/** One log: its results, and what the kernel said of its own faults. */
const log = z.strictObject({
  /** As it was named; `-` for standard input. */
  file: text,
  format: text,
  lines: count,
  /** Everything that was planned was reported, and nothing broke off. */
  complete: z.boolean(),
  plan: count.nullable(),
  bailOut: text.nullable(),
  skipAll: text.nullable(),
  /** How many of the outermost tests came to what, and of all that is nested in them; without `unnamed`. */
  counts: z.strictObject({ tests: z.record(outcome, count), subtests: z.record(outcome, count) }),
  unnamed,
  metadata,
  tests: z.array(test),
  crashes: z.array(crash),
  problems: z.array(diagnostic),
});

export const parseReport = z.strictObject({ version: z.literal(1), files: z.array(log) });

export type ParseReport = z.infer<typeof parseReport>;
export type UnderstoodLog = z.infer<typeof log>;
export type UnderstoodTest = z.infer<typeof test>;
export type UnderstoodCrash = z.infer<typeof crash>;
