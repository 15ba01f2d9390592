// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ParsedDocument, ParsedTest, ResultFormat } from './format.ts';
import { parseWhole } from './registry.ts';
import { tap } from './tap/index.ts';

export function parse(...lines: string[]): ParsedDocument {
  return parseWhole(tap, Buffer.from(`${lines.join('\n')}\n`));
}

export function parseAs(format: ResultFormat, ...lines: string[]): ParsedDocument {
  return parseWhole(format, Buffer.from(`${lines.join('\n')}\n`));
}

/** Recordings that stand beside a checkout and are too large for it: `NAME` in `../shared/data/FOLDER`. */
export function recordings(folder: string): { name: string; bytes: Buffer }[] {
  const url = new URL(`../../../shared/data/${folder}/`, import.meta.url);
  if (!existsSync(url)) return [];
  return readdirSync(url).map((name) => ({ name, bytes: readFileSync(new URL(name, url)) }));
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`./tap/fixtures/${name}`, import.meta.url));
}

/** `pass a`, with what is nested: `fail b (pass c, skip d)`. */
export function outline({ tests }: { tests: ParsedTest[] }): string {
  return tests
    .map((test) => {
      const nested = test.subtests.length === 0 ? '' : ` (${outline({ tests: test.subtests })})`;
      return `${test.outcome} ${test.name}${nested}`;
    })
    .join(', ');
}

export function allTests(tests: readonly ParsedTest[]): ParsedTest[] {
  return tests.flatMap((test) => [test, ...allTests(test.subtests)]);
}
