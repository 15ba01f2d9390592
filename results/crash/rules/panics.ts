// SPDX-License-Identifier: GPL-2.0-only
import { overflowPlace } from '../anchors.ts';
import { sourceName } from '../function-name.ts';
import { guiltyFunction } from '../guilty.ts';
import { plain, type Rule, withoutNumbers } from './rule.ts';

/** What a panic says without what differs from time to time: `exitcode=0x00000009`, a name, an address. */
function wordsOf(why: string): string {
  return withoutNumbers(why.replace(/(?: exitcode=| \.\.\.| for \w+ ---).*$/, '')).trim();
}

/** kernel/panic.c and who calls it. */
export const panics: Rule[] = [
  {
    kind: 'stack-overflow',
    starts: ['Kernel panic'],
    begins:
      /^Kernel panic - not syncing: (?:stack-protector: Kernel stack is corrupted in|corrupted stack end)/,
    title: (evidence) => {
      const named = /stack-protector: .* in: ([A-Za-z_][\w.]*)\+/.exec(evidence.match.input)?.[1];
      if (evidence.match[0].includes('protector')) {
        const where = named === undefined ? guiltyFunction(evidence) : sourceName(named);
        return { what: 'kernel panic: stack is corrupted', where };
      }
      return { what: 'kernel panic: corrupted stack end', where: overflowPlace(evidence) };
    },
  },
  {
    kind: 'panic',
    starts: ['Kernel panic'],
    begins: /^Kernel panic - not syncing: (.*)$/,
    title: plain(([, why]) => `kernel panic: ${wordsOf(why!)}`),
  },
];
