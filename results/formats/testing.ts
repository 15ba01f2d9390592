// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { ParsedDocument, ParsedTest } from './format.ts';
import { parseWhole } from './registry.ts';
import { tap } from './tap/index.ts';

export function parse(...lines: string[]): ParsedDocument {
  return parseWhole(tap, Buffer.from(`${lines.join('\n')}\n`));
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
