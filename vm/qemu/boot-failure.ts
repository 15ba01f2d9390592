// SPDX-License-Identifier: GPL-2.0-only
import type { Console } from '../console/console.ts';
import type { Diagnosis } from '../machine.ts';
import { BootTrouble, Trouble } from '../trouble.ts';
import { QemuCrash } from './own-crash.ts';
import type { Qemu } from './supervise.ts';

/** The line with which the end begins and what follows it; else the last lines. */
function lastWords(console: Console): string {
  const lines = console.tail().trim().split('\n');
  const from = lines.findIndex((line) => /Kernel panic|giving up|BUG:|Oops/.test(line));
  return lines
    .slice(from >= 0 ? from : -15)
    .slice(0, 25)
    .join('\n');
}

/**
 * Why a machine that has ended never answered: the kernel's fault (BootTrouble), or ours.
 *
 * @param found what was found where it was looked at before it was ended
 */
export async function bootFailure(
  { ended, console }: Qemu,
  found: Diagnosis | null = null,
): Promise<Trouble> {
  const ending = await ended;
  const words = lastWords(console);
  const quoted = words
    ? `\nThe console’s last words:\n${words.replace(/^/gm, '  ')}`
    : '\nThe console said nothing.';
  if (ending.how === 'panic')
    return new BootTrouble({
      happened: `The kernel panicked while booting: ${ending.why}${quoted}`,
      next: 'boot another kernel to tell the kernel from the set-up',
      console: console.tail(),
    });
  if (found?.state === 'driver-stopped')
    return new Trouble({ happened: `The guest gave ${ending.why}: ${found.why}.` });
  if (ending.how === 'killed' && ending.why.startsWith('no answer')) {
    const evidence = found?.evidence.map(({ title, text }) => `\n\n${title}:\n${text}`) ?? [];
    return new BootTrouble({
      happened: `The guest gave ${ending.why}.${found ? ` When looked at, ${found.why}.` : ''}${quoted}`,
      expected: 'the agent’s hello on the control channel',
      next: 'try --accel tcg; where that is slow too, fewer things at once on this machine',
      console: console.tail() + evidence.join(''),
    });
  }
  if (ending.how === 'killed') return new Trouble({ happened: `Booting was ${ending.why}.` });
  if (ending.trouble) return ending.trouble;
  if (ending.crashed) return new QemuCrash(ending.why);
  if (ending.how === 'reset')
    return new BootTrouble({
      happened: `The guest ended before its agent answered.${quoted}`,
      expected: 'a kernel that reaches its first process',
      console: console.tail(),
    });
  return new Trouble({ happened: `QEMU did not start: ${ending.why}`, next: 'multitap doctor' });
}
