// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { kinds } from '../crash/index.ts';
import type { Json } from '../store/types.ts';
import { isUuid } from '../uuid.ts';
import { outcomes } from '../words.ts';
import { plausible } from './dates.ts';
import { MiB } from './import.ts';

// The lines of an export in JSON Lines: of what `multitap export` writes, all that is stored again.

const time = z.number().refine((value) => plausible(value) !== null, 'no plausible date');
const count = z.int().min(0);
const ms = z.number().min(0).max(1e12);

export const runShape = z.object({
  type: z.literal('run'),
  uuid: z.string().refine(isUuid, 'no UUID'),
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

export type RunLine = z.infer<typeof runShape>;

const result = {
  outcome: z.enum(outcomes),
  ...{ line: count.nullable(), message: z.string(), durationMs: ms.nullable() },
};
const names = Object.keys(kinds) as [keyof typeof kinds];
export const testShape = z.object({
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
export const subtestShape = z.object({
  ...{
    type: z.literal('subtest'),
    collection: z.string(),
    test: z.string(),
    attempt: z.int(),
    name: z.string(),
  },
  ...{ ...result, markedFlaky: z.boolean() },
});

/** Behind a run's results: how many lines of each there are, so that a file that was cut is known. */
export const endShape = z.object({ type: z.literal('end'), tests: count, subtests: count });

/** What is deeper cannot be written again: JSON.stringify calls itself. */
function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((part) => isShallow(part, levels - 1));
}
