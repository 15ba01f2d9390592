// SPDX-License-Identifier: GPL-2.0-only
import type { Diagnosis, Machine } from '../../vm/machine.ts';
import { runInGuest } from './guest-command.ts';

/** A titled piece of what was learnt of a guest or test that was stuck. */
export type Evidence = Diagnosis['evidence'][number];

/** A slow guest starts two programs in a second or two; one that takes longer has told enough by that. */
const PATIENCE_MS = 10_000;
const OUTPUT_MAX = 256 * 1024;
const SUMMARY_MAX = 3;

/**
 * The processes that the agent keeps in control groups of their own, but for this script's, and where each of their
 * threads is in the kernel: those of the test, since a guest runs one at a time. Few programs are started, since
 * starting them is what is slow in an emulated guest.
 */
const SCRIPT = `
own=$(cut -d: -f3 /proc/self/cgroup)
cd /sys/fs/cgroup || exit
pids=$(cat $(find multitap.* -name cgroup.procs ! -path "\${own#/}/*") 2>/dev/null)
[ "$pids" ] || exit
ps --forest -ww -o pid=,ppid=,stat=,wchan:32=,time=,args= -p "$(echo $pids | tr ' ' ,)"
echo
stacks=; for pid in $pids; do stacks="$stacks /proc/$pid/task/*/stack"; done
grep -H '' $stacks 2>/dev/null | sed 's|^/proc/[0-9]*/task/\\([0-9]*\\)/stack:|\\1 |'
`;

/** What a test was at. */
export interface Look {
  /** `socat (sk_wait_data), sleep 60 (hrtimer_nanosleep)`: where its last processes wait; empty where none is known. */
  summary: string;
  text: string;
}

/**
 * Looks at the processes of a running test from beside, without touching them: what it waits for. For a guest whose
 * agent answers; one that does not is for `Machine.diagnose`.
 *
 * @param signal ends the look, since it must not be taken for what the test left behind
 * @returns null where nothing could be learnt in ten seconds
 */
export async function lookAt(machine: Machine, signal: AbortSignal): Promise<Look | null> {
  const look = runInGuest(machine, {
    argv: ['/bin/sh', '-c', SCRIPT],
    timeoutMs: PATIENCE_MS,
    outputMax: OUTPUT_MAX,
    signal,
  }).then(
    ({ output }) => output.toString('utf8').trimEnd(),
    () => '',
  );
  let timer: NodeJS.Timeout | undefined;
  // The guest's own clock may stand still.
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(''), PATIENCE_MS * 1.5);
  });
  const text = await Promise.race([look, late]);
  clearTimeout(timer);
  return text ? { summary: summarise(text), text } : null;
}

/** The processes that no other one of the test waits for, each with the function of the kernel that it sleeps in. */
export function summarise(text: string): string {
  const line = /^ *(\d+) +(\d+) +(\S+) +(\S+) +\d\S* +(.*)$/;
  const rows = (text.split('\n\n')[0] ?? '').split('\n').flatMap((row) => {
    const [, pid, parent, state, channel, args] = line.exec(row) ?? [];
    return pid ? [{ pid, parent, state: state!, channel: channel!, args: args! }] : [];
  });
  const parents = new Set(rows.map(({ parent }) => parent));
  const leaves = rows.filter(({ pid }) => !parents.has(pid));
  const words = leaves.slice(-SUMMARY_MAX).map(({ state, channel, args }) => {
    const command = args.replace(/^[\s|\\_]+/, '').slice(0, 60);
    return `${command} (${state.startsWith('R') ? 'running' : channel})`;
  });
  return words.join(', ');
}

/** The whole of the evidence as one log. */
export function evidenceLog(evidence: readonly Evidence[]): Buffer {
  return Buffer.from(evidence.map(({ title, text }) => `== ${title}\n${text.trimEnd()}\n`).join('\n'));
}
