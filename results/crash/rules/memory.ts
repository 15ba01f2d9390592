// SPDX-License-Identifier: GPL-2.0-only
import type { Evidence } from '../evidence.ts';
import { byStack, plain, type Rule, type Title } from './rule.ts';

/** mm/oom_kill.c: `Out of memory: Killed process 12 (name)`, before 5.1 `Kill process`. */
const killed =
  /^(Out of memory|Memory cgroup out of memory)(?: \([^)]{1,64}\))?: Kill(?:ed)? process \d+ \((.{1,64}?)\)/;

function killTitle({ lines, match }: Evidence): Title {
  const last = lines.map((text) => killed.exec(text)).findLast((found) => found !== null);
  if (last === undefined)
    return { what: `${match[0].includes('cgroup') ? 'Memory cgroup out' : 'Out'} of memory` };
  const cgroup = last[1] !== 'Out of memory';
  return { what: `${last[1]}: Killed process ${last[2]}`, ...(cgroup ? { kind: 'oom-cgroup' } : {}) };
}

/** The table of tasks comes between the stack and the line that names the victim. */
const tasksListed = 4000;

/** mm/: pages, slabs, copies, memory that runs out. */
export const memory: Rule[] = [
  {
    kind: 'page-state',
    starts: ['BUG: Bad'],
    begins: /^BUG: Bad page state/,
    title: byStack('BUG: Bad page state', /^pagecache_\w+$/),
  },
  {
    kind: 'page-state',
    starts: ['BUG: Bad'],
    begins: /^BUG: (Bad (?:page map|page cache|rss-counter state|swap \w+ entry))/,
    title: plain(([, what]) => `BUG: ${what}`),
  },
  {
    // mm/slub.c: `BUG kmalloc-64 (Not tainted): Poison overwritten`.
    kind: 'slab',
    starts: ['BUG '],
    begins: /^BUG \S{1,64} \((?:Not tainted|Tainted: [^)]{1,64})\): ([A-Z][\w ,'-]{2,60})/,
    title: plain(([, what]) => `BUG: ${what}`),
  },
  {
    kind: 'usercopy',
    starts: ['usercopy: '],
    begins: /^usercopy: [Kk]ernel memory (exposure|overwrite) attempt detected/,
    title: byStack('BUG: bad usercopy'),
    absorbs: ['bug', 'trap', 'oops'],
  },
  {
    kind: 'oom',
    starts: [],
    begins: /^.{1,64}? invoked oom-killer: gfp_mask=/,
    title: killTitle,
    absorbs: ['oom', 'oom-cgroup'],
    absorbsLate: true,
    patience: tasksListed,
  },
  {
    kind: 'oom',
    starts: ['Out of memory', 'Memory cgroup out'],
    begins: killed,
    title: killTitle,
    single: true,
  },
  {
    kind: 'allocation-failure',
    starts: [],
    begins: /^.{1,64}?: page allocation failure: order:(\d+)/,
    title: byStack(([, order]) => `page allocation failure: order:${order}`),
  },
];
