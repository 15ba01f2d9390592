// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageTrouble } from '../../vm/trouble.ts';

/** A test, or some of its subtests, that is not to be run, and why. */
export interface Denial {
  /** As for `--test`: a glob, with `/` before a subtest's, COLLECTION: before it where that matters. */
  pattern: string;
  reason: string;
  /** Where it is written: a file's name, or `--deny`. */
  from: string;
}

const NO_REASON = 'no reason is given';

/**
 * A list as the BPF selftests have it (`tools/testing/selftests/bpf/DENYLIST`): a pattern a line, the reason behind
 * `#` or in the lines of comment right above.
 */
export function parseDenials(text: string, from: string): Denial[] {
  const denials: Denial[] = [];
  let above: string[] = [];
  let used = false;
  for (const line of text.split(/\r?\n/)) {
    const hash = line.indexOf('#');
    const pattern = (hash < 0 ? line : line.slice(0, hash)).trim();
    const comment = hash < 0 ? '' : line.slice(hash + 1).trim();
    if (pattern) {
      denials.push({ pattern, reason: comment || above.join(' ') || NO_REASON, from });
      used = true;
    } else {
      above = comment && !used ? [...above, comment] : comment ? [comment] : [];
      used = false;
    }
  }
  return denials;
}

/**
 * The values of `--deny`: a pattern, or `@FILE` with a list of them.
 *
 * @throws UsageTrouble for a file that cannot be read
 */
export async function readDenials(values: readonly string[]): Promise<Denial[]> {
  const lists = values.map(async (value) => {
    if (!value.startsWith('@')) return [{ pattern: value, reason: NO_REASON, from: '--deny' }];
    const file = value.slice(1);
    const text = await readFile(file, 'utf8').catch((error: Error) => {
      throw new UsageTrouble({
        happened: `--deny: ${file} cannot be read: ${error.message}`,
        expected: 'a file with a pattern a line, and the reason behind #',
      });
    });
    return parseDenials(text, basename(file));
  });
  return (await Promise.all(lists)).flat();
}
