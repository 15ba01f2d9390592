// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { dialects } from '../../../results/formats/registry.ts';
import { exitOnly } from '../exit-code.ts';

// What a multitap.yaml may hold. All of it is untrusted: there is no key whose value would be run on the host, and
// every path stays below the file's own folder. Names go into patterns, paths and command lines.

const word = (what: string, pattern: RegExp) => z.string().regex(pattern, what);
const short = z
  .string()
  .max(16_384)
  .refine((text) => !text.includes('\0'), 'no NUL');
const line = short.refine((text) => text.trim() !== '', 'not empty');

const path = short
  .max(1000)
  .refine(
    (text) => text !== '' && !text.startsWith('/') && !text.split('/').includes('..') && !text.includes('\n'),
    'a path below the folder of the file, without ..',
  );

const env = z
  .record(
    word('a name of letters, digits and _', /^[A-Za-z_]\w{0,99}$/),
    z.union([short, z.number(), z.boolean()], 'text or a number').transform(String),
  )
  .refine((all) => Object.keys(all).length <= 100, 'at most 100 variables')
  .default({});

const needs = z
  .strictObject({
    options: z
      .array(word('an option such as CONFIG_VETH', /^CONFIG_\w{1,100}$/))
      .max(200)
      .default([]),
    modules: z
      .array(word('a module such as dummy', /^[\w-]{1,100}$/))
      .max(200)
      .default([]),
    tools: z
      .array(word('a program’s name', /^[\w+-][\w.+-]{0,99}$/))
      .max(200)
      .default([]),
  })
  .default({ options: [], modules: [], tools: [] });

export const testFormats = [
  ...dialects.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
  exitOnly.name,
];

const test = z.strictObject({
  name: word('a name of letters, digits and _.+=@-', /^[A-Za-z0-9][\w.+=@-]{0,99}$/),
  run: z.union(
    [line, z.array(short).min(1).max(1000)],
    'a shell line, or a list of a program and its arguments',
  ),
  format: z.enum(testFormats, `one of ${testFormats.join(', ')}`),
  timeout: z.int().min(1).max(21_600).default(45),
  ...{ env, needs },
});

export const customShape = z
  .strictObject({
    name: word('a name of letters, digits and _.+-', /^[A-Za-z0-9][\w.+-]{0,63}$/),
    files: z.array(path).max(1000).default([]),
    build: line.optional(),
    output: path.optional(),
    ...{ env, needs },
    tests: z
      .array(test)
      .min(1)
      .max(1000)
      .refine(
        (all) => new Set(all.map(({ name }) => name)).size === all.length,
        'tests with names of their own',
      ),
  })
  .refine(({ build, output }) => build !== undefined || output === undefined, {
    path: ['output'],
    message: 'only together with build',
  });

/** A multitap.yaml, as it was understood. */
export type Custom = z.output<typeof customShape>;
export type CustomTest = Custom['tests'][number];
