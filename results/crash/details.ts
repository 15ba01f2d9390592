// SPDX-License-Identifier: GPL-2.0-only

/** Who was running, as far as a report says it. */
export interface Details {
  cpu: number | null;
  comm: string | null;
  pid: number | null;
  taint: string | null;
}

/** lib/dump_stack.c: `CPU: 1 UID: 0 PID: 9489 Comm: insmod Tainted: G        W          6.15.0 #1`. */
const header =
  /\bCPU: (\d+) (?:UID: \d+ )?PID: (\d+) Comm: (.{1,64}?) (?:Not tainted|Tainted: ([A-Z](?: {1,24}[A-Z](?= ))*))/;
/** `[insmod:88]` of a soft lockup; `task insmod:88 blocked`; `by task insmod/88`; `CPU#0: insmod/88`. */
const tasks = [
  / \[(.{1,64}?):(\d+)\]$/,
  /^INFO: task (.{1,64}?):(\d+) /,
  /\bby task (.{1,64}?)\/(\d+)/,
  /\bCPU#\d+: (.{1,64}?)\/(\d+)$/,
];
const cpus = [/\bCPU#(\d+)\b/, /\bcpu (\d+)\b/i, /\bCPU: (\d+)\b/];

/** Reads `lines`, the texts of one report, from its first. */
export function findDetails(lines: readonly string[], head: number): Details {
  const details: Details = { cpu: null, comm: null, pid: null, taint: null };
  const line = lines[head] ?? '';
  const taskLine = [line, lines[head + 1] ?? '', lines[head + 2] ?? ''];
  const task = first(taskLine, tasks);
  if (task !== null) [details.comm, details.pid] = [task[1]!, Number(task[2])];
  const cpu = first([line], cpus);
  if (cpu !== null) details.cpu = Number(cpu[1]);
  const whole = first(lines, [header]);
  if (whole !== null) {
    details.cpu ??= Number(whole[1]);
    details.pid ??= Number(whole[2]);
    details.comm ??= whole[3]!;
    details.taint = whole[4]?.replace(/ +/g, ' ') ?? null;
  }
  return details;
}

function first(lines: readonly string[], patterns: readonly RegExp[]): RegExpExecArray | null {
  for (const text of lines) {
    for (const pattern of patterns) {
      const match = pattern.exec(text);
      if (match !== null) return match;
    }
  }
  return null;
}
