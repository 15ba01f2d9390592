// SPDX-License-Identifier: GPL-2.0-only

import type { Evidence } from '../evidence.ts';
import { sourceName } from '../function-name.ts';
import { guiltyFunction } from '../guilty.ts';
import type { CrashKind } from '../kinds.ts';
import { byStack, plain, type Rule, type Title, withoutNumbers } from './rule.ts';

/**
 * The line of __warn() (kernel/panic.c), in three ages:
 * `WARNING: at lib/x.c:25 func()`, `WARNING: CPU: 0 PID: 5 at lib/x.c:25 func+0x1/0x2`,
 * `WARNING: lib/x.c:25 at func+0x1/0x2, CPU#0: insmod/88`.
 * `file` and `name`: patterns for the file, from wherever in its path, and for the function.
 */
function warningAt(file: string, name: string): RegExp {
  const place = `\\S{0,200}?${file}:\\d+`;
  return new RegExp(`^WARNING: (?:(?:CPU: \\d+ PID: \\d+ )?at ${place} |${place} at )${name}`);
}

const warning = (kind: CrashKind, file: string, title: Rule['title'], name = '[A-Za-z_0]'): Rule => ({
  kind,
  starts: ['WARNING: '],
  begins: warningAt(file, name),
  title,
  // arm prints the message of a WARN() behind its line.
  absorbs: ['refcount'],
});

/** usb_submit_urb() warns about what its caller hands in: both are named. */
function urbTitle(evidence: Evidence): Title {
  const caller = guiltyFunction(evidence);
  return { what: 'WARNING', where: [caller ?? 'corrupted', 'usb_submit_urb'], guessed: caller === null };
}

/** The function by the stacks, else the one that the line names. */
function warnTitle(evidence: Evidence): Title {
  const where = guiltyFunction(evidence);
  if (where !== null) return { what: 'WARNING', where };
  return { what: 'WARNING', where: sourceName(evidence.match[1]!.replace(/\(\)$/, '')), guessed: true };
}

/** A source of the kernel, so that `WARNING: something.py:3` of a tool is none. */
const anyFile = '\\.(?:[chS]|rs)';

const registering = /^_*proc_(?:register|create\w*|mkdir\w*)$/;

/** Where the log level, or another CPU, swallowed the line of __warn(): the stack still tells. */
const silent: Rule = {
  kind: 'warn',
  starts: ['Modules linked in:'],
  begins: /^Modules linked in:/,
  title: byStack('WARNING'),
  afterCut: true,
  doubtful: true,
};

/** Any `BUG: …!` that no other rule knows, if a stack trace proves it. */
const otherBug: Rule = {
  kind: 'warn',
  starts: ['BUG: '],
  begins: /^BUG: ([A-Z_a-z][\w ,.'-]{4,60}!)/,
  title: plain(([, what]) => `BUG: ${withoutNumbers(what!)}`),
  doubtful: true,
};

/** Warnings: those of the checkers under their own name, all others under the function that warns. */
export const warnings: Rule[] = [
  {
    kind: 'refcount',
    starts: ['refcount_t: '],
    begins: /^refcount_t: /,
    title: byStack('WARNING: refcount bug'),
    absorbs: ['warn', 'refcount'],
    doubtful: true,
  },
  warning('refcount', 'lib/refcount\\.c', byStack('WARNING: refcount bug')),
  warning('debug-objects', 'lib/debugobjects\\.c', byStack('WARNING: ODEBUG bug')),
  warning('ref-tracker', 'lib/ref_tracker\\.c', byStack('WARNING')),
  warning('locking', 'kernel/locking/\\w+\\.c', byStack('WARNING: locking bug')),
  warning('warn', 'lib/kobject\\.c', byStack('WARNING: kobject bug')),
  warning(
    'warn',
    'mm/(?:slab_common|util)\\.c',
    byStack('WARNING: kmalloc bug'),
    '_{0,2}(?:kmalloc_slab|kvmalloc_node)',
  ),
  warning(
    'warn',
    'fs/proc/generic\\.c',
    byStack('WARNING: proc registration bug', registering),
    'proc_register',
  ),
  warning('warn', 'mm/vmalloc\\.c', byStack('WARNING: zero-size vmalloc'), '__vmalloc_node_range'),
  warning('usercopy', 'mm/usercopy\\.c', byStack('WARNING: bad usercopy')),
  warning('warn', 'drivers/usb/core/urb\\.c', urbTitle, 'usb_submit_urb'),
  warning('warn', anyFile, warnTitle, '([A-Za-z_][\\w.]*)'),
  silent,
  otherBug,
];
