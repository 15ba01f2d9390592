// SPDX-License-Identifier: GPL-2.0-only
import { collect } from './collect.ts';
import { consoleFormat } from './console/index.ts';
import type { ParsedDocument, ResultFormat } from './format.ts';
import { gtest } from './gtest/index.ts';
import type { LineFormat } from './line-format.ts';
import { tap } from './tap/index.ts';
import { testMaps } from './test_maps/index.ts';
import { testProgs } from './test_progs/index.ts';
import { testProgsJson } from './test_progs/json.ts';
import { testVerifier } from './test_verifier/index.ts';

/** What programs print line by line, one line each; earlier ones go first where a line could be of several. */
export const dialects: readonly LineFormat[] = [tap, testProgs, testVerifier, testMaps, gtest];

/** Every format. */
export const formats: readonly ResultFormat[] = [...dialects, testProgsJson, consoleFormat(dialects)];

/** The format called `name`; undefined where there is none. */
export function findFormat(name: string): ResultFormat | undefined {
  return formats.find((format) => format.name === name || format.aliases?.includes(name));
}

/** Parses an input that is already there as a whole. Never throws on input. */
export function parseWhole(format: ResultFormat, bytes: Uint8Array): ParsedDocument {
  const parser = collect(format);
  parser.push(bytes);
  return parser.end();
}
