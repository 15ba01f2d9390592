// SPDX-License-Identifier: GPL-2.0-only
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { UsageTrouble } from '../../../vm/trouble.ts';
import { type Custom, customShape } from './shape.ts';

const MAX_BYTES = 256 * 1024;
const MAX_ISSUES = 5;

/** What is wrong, and in which line. */
interface Fault {
  line: number;
  text: string;
}

/** Where a value stands; where it is missing, what it is missing in. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function lineOfKey(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
  name: string,
): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  const key = isMap(map)
    ? map.items.find(({ key }) => isScalar(key) && String(key.value) === name)?.key
    : null;
  return isScalar(key) && key.range ? lines.linePos(key.range[0]).line : lineOf(document, lines, path);
}

/** A key's own rule says more than that it was broken. */
function wordsOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? issue.issues[0]!.message : issue.message;
}

/** Reads what a multitap.yaml says; of what is wrong with it the first few faults, in the order of their lines. */
export function parseCustom(text: string): { custom: Custom } | { faults: Fault[] } {
  const lines = new LineCounter();
  // Nesting without end overflows the stack, aliases of aliases are refused: both throw.
  try {
    const document = parseDocument(text, { lineCounter: lines, stringKeys: true });
    const [broken] = [...document.errors, ...document.warnings];
    if (broken)
      return {
        faults: [
          { line: lines.linePos(broken.pos[0]).line, text: broken.message.split(/ at line | ?\n/)[0]! },
        ],
      };
    const checked = customShape.safeParse(document.toJS({ maxAliasCount: 100 }));
    if (checked.success) return { custom: checked.data };
    const faults = checked.error.issues.flatMap((issue): Fault[] =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({
            line: lineOfKey(document, lines, issue.path, key),
            text: `${[...issue.path, key].join('.')}: there is no such key`,
          }))
        : [
            {
              line: lineOf(document, lines, issue.path),
              text: [issue.path.join('.'), wordsOf(issue)].filter(Boolean).join(': '),
            },
          ],
    );
    return { faults: faults.sort((a, b) => a.line - b.line).slice(0, MAX_ISSUES) };
  } catch (error) {
    return { faults: [{ line: 1, text: (error as Error).message }] };
  }
}

export interface CustomFile extends Custom {
  /** The folder that its paths are below. */
  folder: string;
}

/**
 * Reads the file that `--custom` names, or `multitap.yaml` in the folder that it names.
 *
 * @throws UsageTrouble for one that cannot be read or does not fit, with lines and what was expected
 */
export async function readCustom(named: string): Promise<CustomFile> {
  const isFolder = await stat(named).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(named, 'multitap.yaml') : named;
  const refuse = (happened: string) =>
    new UsageTrouble({
      happened,
      expected:
        'name and tests, each with name, run and format; files, build, output, env, needs where wanted',
      next: 'docs/reference/suites.md tells what each of them may be',
    });
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw refuse(`--custom: ${file} is no file.`);
  if (found.size > MAX_BYTES)
    throw refuse(`--custom: ${file} has ${found.size} bytes: more than ${MAX_BYTES}.`);
  const read = parseCustom(await readFile(file, 'utf8'));
  if ('faults' in read)
    throw refuse(read.faults.map(({ line, text }) => `${file}:${line}: ${text.slice(0, 300)}`).join('\n'));
  return { ...read.custom, folder: dirname(resolve(file)) };
}
