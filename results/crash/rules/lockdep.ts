// SPDX-License-Identifier: GPL-2.0-only
import type { Evidence } from '../evidence.ts';
import { sourceName } from '../function-name.ts';
import { guiltyFunction, meaningful } from '../guilty.ts';
import { byStack, type Rule, type Title } from './rule.ts';

/** `…, at: func+0x12/0x34`, `… at: [<ffffffff81002003>] func+0x12/0x34`. */
const lockedAt = /\bat: (?:\[<[0-9a-f]{8,16}>\] )?([A-Za-z_][\w.]*)(?:\+0x| \()/;
const trying = /is trying to (?:acquire|release|lock)\b|just changed the state of lock|\btakes:[ \t]*$/;
const backtrace = /^[ \t]*(?:Call [Tt]race|Backtrace|stack backtrace)/;

/** The function that took the lock that the line tells of, from `lines[start]` on. */
function lockTaker(lines: readonly string[], start: number): string | null {
  for (const text of lines.slice(start, start + 14)) {
    const name = lockedAt.exec(text)?.[1];
    if (name !== undefined) return sourceName(name);
  }
  return null;
}

/**
 * Who takes the lock that closes the circle: what the stack of now says, behind `stack backtrace:`, not those of
 * the past behind `-> #1 …:`; else the function in `x/1 is trying to acquire lock:`.
 */
function acquirer(evidence: Evidence): string | null {
  const { lines, head, stacks } = evidence;
  const start = lines.findIndex((text, index) => index >= head && trying.test(text));
  const now = stacks.filter(({ heading }) => backtrace.test(heading));
  const found = now.map((stack) => meaningful(stack)[0]).find((name) => name !== undefined);
  return found ?? (start === -1 ? null : lockTaker(lines, start));
}

const deadlock = (evidence: Evidence): Title => ({ what: 'possible deadlock', where: acquirer(evidence) });
const inconsistent = (evidence: Evidence): Title => ({
  what: 'inconsistent lock state',
  where: acquirer(evidence) ?? lockTaker(evidence.lines, evidence.head),
});

/** `lock held when returning to user space`: the stack is gone, the lock says who took it. */
function heldTitle(evidence: Evidence): Title {
  const [, word, what] = evidence.match;
  return {
    what: `${word}: ${what}`,
    where: lockTaker(evidence.lines, evidence.head) ?? guiltyFunction(evidence),
  };
}

/** Before 4.12 lockdep wrote `[ INFO: … ]`, since then `WARNING: …` (kernel/locking/lockdep.c). */
const starts = ['WARNING: ', 'INFO: ', '[ INFO: ', '[ BUG: ', 'BUG: '];
const intro = String.raw`^(?:\[ )?(WARNING|BUG|INFO): (?:.{1,64}\/\d+ )?`;

/** Who frees: the fault is that of the one who drops the last reference. */
const releasing = /^\w*(?:_put|_free|_destroy\w*|_release_sock|_destruct)$/;

/** kernel/locking/lockdep.c and lib/debug_locks.c: circles, wrong contexts, unbalanced and freed locks. */
export const lockdep: Rule[] = [
  {
    kind: 'lockdep',
    starts,
    begins:
      /^(?:\[ )?(?:WARNING|INFO): (?:possible (?:circular locking dependency|recursive locking|irq lock inversion dependency))/,
    title: deadlock,
  },
  {
    kind: 'lockdep',
    starts,
    begins: /^(?:\[ )?(?:WARNING|INFO): \S{1,32}-safe -> \S{1,32}-unsafe lock order/,
    // The first stack is that of the interrupt that has to wait.
    title: byStack('possible deadlock'),
  },
  {
    kind: 'lockdep',
    starts: [...starts, 'inconsistent'],
    begins: /^(?:(?:\[ )?(?:WARNING|INFO): )?inconsistent lock state/,
    title: inconsistent,
  },
  {
    kind: 'lockdep',
    starts,
    begins: /^(?:\[ )?(?:WARNING|BUG): Invalid wait context/,
    title: byStack('WARNING: locking bug'),
  },
  {
    kind: 'rcu-usage',
    starts,
    begins: /^(?:\[ )?(WARNING|INFO): suspicious RCU usage/,
    title: byStack(([, word]) => `${word}: suspicious RCU usage`, /^bpf_prog_array_copy_to_user$/),
  },
  {
    kind: 'locking',
    starts,
    begins: new RegExp(`${intro}(lock held when returning to user space|still has locks held)`),
    title: heldTitle,
  },
  {
    kind: 'locking',
    starts,
    begins: new RegExp(`${intro}([Nn]ested lock was not taken)`),
    title: (evidence) => ({ what: 'WARNING: nested lock was not taken', where: acquirer(evidence) }),
  },
  {
    kind: 'locking',
    starts,
    begins: new RegExp(`${intro}(bad unlock balance|held lock freed)`),
    title: byStack(([, word, what]) => `${word}: ${what}`, releasing),
  },
  {
    kind: 'locking',
    starts: ['INFO: trying to register'],
    begins: /^INFO: trying to register non-static key/,
    title: byStack('INFO: trying to register non-static key'),
  },
];
