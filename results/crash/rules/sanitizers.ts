// SPDX-License-Identifier: GPL-2.0-only

import type { Evidence } from '../evidence.ts';
import { sourceName } from '../function-name.ts';
import { guiltyFunction } from '../guilty.ts';
import { isMachinery } from '../machinery.ts';
import { byStack, type Rule, type Title } from './rule.ts';

/** mm/kasan/report.c: `Read of size 8 at addr …`, `Write of size 4 by task …`. */
const access = /^[ \t]*(Read|Write) (?:of size|at addr)/;

function kasanTitle(evidence: Evidence): Title {
  const { match, lines, head } = evidence;
  const direction = lines
    .slice(head, head + 12)
    .map((text) => access.exec(text)?.[1])
    .find((word) => word !== undefined);
  const sort = match[1]!.replace(/^double-free(?: or invalid-free)?$/, 'invalid-free');
  const free = /free$/.test(sort) && !sort.endsWith('-after-free');
  const what = `KASAN: ${sort}${free || direction === undefined ? '' : ` ${direction}`}`;
  const where = guiltyFunction(evidence);
  const named = / in ([A-Za-z_][\w.]*)/.exec(match.input)?.[1];
  if (where === null && named !== undefined && !isMachinery(sourceName(named))) {
    return { what, where: sourceName(named), guessed: true };
  }
  return { what, where };
}

/** mm/kcsan/report.c names both sides, or one where the other is not known. */
function kcsanTitle({ match }: Evidence): Title {
  const where = match[2]!.split(' / ').map((name) => sourceName(name.trim().replace(/\+0x.*$/, '')));
  return { what: `KCSAN: ${match[1]}`, where, joint: ' / ' };
}

/** KASAN, KFENCE, KMSAN, KCSAN (mm/*, kernel/kcsan), UBSAN (lib/ubsan.c). */
export const sanitizers: Rule[] = [
  {
    kind: 'kasan',
    starts: ['BUG: KASAN:'],
    begins: /^BUG: KASAN: ([a-z-]+(?: or [a-z-]+)?)(?: in | on address |$)/,
    title: kasanTitle,
  },
  {
    kind: 'kfence',
    starts: ['BUG: KFENCE:'],
    begins: /^BUG: KFENCE: ([a-z -]+?)(?: in |$)/,
    title: byStack(([, sort]) => `KFENCE: ${sort}`),
  },
  {
    kind: 'kmsan',
    starts: ['BUG: KMSAN:'],
    begins: /^BUG: KMSAN: ([a-z-]+)/,
    title: byStack(([, sort]) => `KMSAN: ${sort}`),
  },
  {
    kind: 'kcsan',
    starts: ['BUG: KCSAN:'],
    begins: /^BUG: KCSAN: ([a-z :-]+?) in (.+)$/,
    title: kcsanTitle,
  },
  {
    kind: 'ubsan',
    starts: ['UBSAN:'],
    begins: /^UBSAN: (Undefined behaviour|[a-z-]+) in /,
    title: byStack(([, sort]) => `UBSAN: ${sort!.toLowerCase().replace(' ', '-')}`),
  },
];
