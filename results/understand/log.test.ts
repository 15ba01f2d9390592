// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { auto } from '../formats/auto.ts';
import { understand } from './index.ts';
import { parseReport } from './log.ts';

const root = join(import.meta.dirname, '../..');

/** What a program reads that has our JSON. */
function printed(content: Uint8Array): unknown {
  const parser = understand('a', auto);
  parser.push(content);
  return JSON.parse(JSON.stringify({ version: 1, files: [parser.end()] }));
}

const recorded = ['results/formats/tap/fixtures', 'test/fixtures/crash'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name)),
);

test('the published schema is that of the code', async () => {
  const schema = z.toJSONSchema(parseReport, {
    target: 'draft-2020-12',
    // Ours is strict, so that a field without a description is noticed; who reads it must expect more fields.
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  const published = join(root, 'docs/reference/parse.schema.json');
  await expect(`${JSON.stringify(schema, null, 1)}\n`).toMatchFileSnapshot(published);
});

test('every field is in the reference', () => {
  const fields = new Set<string>();
  const collect = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return;
    const { properties } = node as { properties?: object };
    for (const name of Object.keys(properties ?? {})) fields.add(name);
    for (const child of Object.values(node)) collect(child);
  };
  collect(JSON.parse(readFileSync(join(root, 'docs/reference/parse.schema.json'), 'utf8')));
  const reference = readFileSync(join(root, 'docs/reference/parse.md'), 'utf8');
  // Outcomes are fields, too, of what counts them: they have a page of their own.
  const outcomes = readFileSync(join(root, 'docs/reference/outcomes.md'), 'utf8');
  expect(fields.size).toBeGreaterThan(30);
  for (const field of fields) expect(reference + outcomes).toContain(`\`${field}\``);
});

test(`what ${recorded.length} recorded logs come to fits it`, () => {
  expect(recorded.length).toBeGreaterThan(50);
  for (const path of recorded) {
    const { error } = parseReport.safeParse(printed(readFileSync(path)));
    expect(error, path).toBeUndefined();
  }
});

test('what any bytes come to fits it', () => {
  const lines = fc.array(
    fc.oneof(
      fc.constantFrom('TAP version 13', '1..3', 'ok 1 a # time=1ms', 'not ok 2 - b # SKIP x', '    ok 1 c'),
      fc.constantFrom('# selftests: net: a.sh', 'Bail out!', 'WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2'),
      fc.string({ unit: 'binary' }),
    ),
  );
  fc.assert(
    fc.property(lines, (all) => parseReport.safeParse(printed(Buffer.from(all.join('\n')))).success),
    { numRuns: 300 },
  );
});
