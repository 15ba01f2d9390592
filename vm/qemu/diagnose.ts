// SPDX-License-Identifier: GPL-2.0-only
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kernel } from '../kernel/kernel.ts';
import type { Diagnosis } from '../machine.ts';
import type { Ends } from './ends.ts';
import { qemuBelow } from './host-process.ts';
import { describe, isIdle, parseRegisters, scanStack, withoutVectors } from './registers.ts';
import type { Qemu } from './supervise.ts';
import { loadSymbols } from './symbols.ts';
import { listenFor, typeSysrq } from './sysrq.ts';

const TAIL_LINES = 40;
/** Between two looks at where the processors are. */
const BETWEEN_LOOKS_MS = 100;
/** A kernel that panics first waits for its other processors, which in a guest that hangs do not answer. */
const LAST_WORDS_MS = 15_000;
/** Stacks of more processors tell nothing new. */
const STACKS_MAX = 8;

/** SysRq's digits set the log level of the console; whatever it was, that it is set is printed. */
const SHOW_ALL = '7';
/** What SysRq is asked for; last the dump that waits for every processor. */
const QUESTIONS: [letter: string, title: string][] = [
  ['w', 'blocked tasks (SysRq w)'],
  ['d', 'held locks (SysRq d)'],
  ['m', 'memory (SysRq m)'],
  ['t', 'all tasks (SysRq t)'],
  ['l', 'what the processors run (SysRq l)'],
];

/** QEMU's states in which no guest runs (qapi/run-state.json), and what they are for us. */
const STANDSTILLS: Record<string, [state: Diagnosis['state'], why: string]> = {
  paused: ['driver-stopped', 'QEMU was told to pause the guest'],
  suspended: ['driver-stopped', 'the guest has suspended itself to memory'],
  'internal-error': ['driver-stopped', 'the hypervisor met an error that it cannot go on from'],
  'io-error': ['driver-stopped', 'QEMU paused the guest: one of its disk images cannot be read'],
  watchdog: ['gone', 'a watchdog fired'],
  shutdown: ['gone', 'the guest has shut down'],
  'guest-panicked': ['gone', 'the guest has panicked'],
};

/** What an examination has to go by, and has found so far. */
interface Examination {
  qemu: Qemu;
  ends: Ends;
  kernel: Kernel;
  evidence: Diagnosis['evidence'];
  /** What is to be said where the time is over now. */
  sofar: Finding;
  /** At most this share of the whole time, at most `maxMs`, and never more than what is left. */
  ms(share: number, maxMs: number): number;
}

/**
 * Why a machine does not answer, from the outside in: QEMU's process, its monitor, the agent, the kernel. Never
 * throws. A kernel that reacts to nothing is made to say where it is by an NMI, which under TCG it does not survive.
 */
export async function diagnose(qemu: Qemu, ends: Ends, kernel: Kernel, budgetMs: number): Promise<Diagnosis> {
  const end = performance.now() + budgetMs;
  const ms = (share: number, maxMs: number) =>
    Math.max(1, Math.min(budgetMs * share, maxMs, end - performance.now()));
  const sofar: Finding = { state: 'driver-stopped', why: `QEMU did not answer within ${budgetMs} ms` };
  const examination: Examination = { qemu, ends, kernel, evidence: [], sofar, ms };
  const finding = examine(examination).catch(async (error: Error): Promise<Finding> => {
    return (await endingOf(qemu)) ?? { state: 'driver-stopped', why: error.message };
  });
  const found = await Promise.race([finding, sleep(budgetMs, null, { ref: false })]);
  const tail = qemu.console.tail().trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  keep(examination, 'the console’s last lines', tail);
  return { ...(found ?? examination.sofar), evidence: [...examination.evidence] };
}

type Finding = Omit<Diagnosis, 'evidence'>;

function keep({ evidence }: Examination, title: string, text: string): void {
  if (text.trim() !== '') evidence.push({ title, text: text.trimEnd() });
}

async function endingOf(qemu: Qemu): Promise<Finding | null> {
  const ending = await Promise.race([qemu.ended, sleep(0, null)]);
  return ending && { state: 'gone', why: ending.why };
}

async function examine(examination: Examination): Promise<Finding> {
  const { qemu, ends, ms } = examination;
  const ending = await endingOf(qemu);
  if (ending) return ending;
  const standstill = await examineDriver(examination);
  if (standstill) return standstill;
  examination.sofar = { state: 'guest-hung', why: 'neither agent nor kernel answered in the time there was' };
  if (await ends.guest.ping(ms(0.2, 3_000))) {
    examination.sofar = { state: 'alive', why: 'the agent answers' };
    const byAgent: Ask = (letter, timeoutMs) => ends.guest.sysrq(letter, timeoutMs);
    await answerTo(examination, byAgent, SHOW_ALL, ms(0.1, 2_000));
    await askAll(examination, byAgent);
    return examination.sofar;
  }
  const before = await look(examination);
  const byPort: Ask = (letter, timeoutMs) => typeSysrq(ends, letter, timeoutMs);
  if (/sysrq/.test(await answerTo(examination, byPort, SHOW_ALL, ms(0.25, 6_000)))) {
    examination.sofar = { state: 'agent-stuck', why: 'the kernel reacts, its first process does not' };
    await askAll(examination, byPort);
    // A busy machine may have kept it from answering before.
    if (await ends.guest.ping(ms(0.1, 2_000))) return { state: 'alive', why: 'the agent answers, late' };
    return examination.sofar;
  }
  return examineHang(examination, before);
}

/** Whether it is QEMU that keeps the guest from running; null where it is not. */
async function examineDriver({ qemu, ends, ms }: Examination): Promise<Finding | null> {
  const found = await qemuBelow(qemu.pid);
  if (!found) return { state: 'gone', why: 'QEMU’s process has ended' };
  const name = `QEMU (process ${found.pid})`;
  const isStopped = (state: string) =>
    state === 'T' || state === 't' ? `${name} is stopped, by a signal or a debugger` : null;
  const stopped = isStopped(found.state);
  if (stopped) return { state: 'driver-stopped', why: stopped };
  const answer = await ends.monitor.execute('query-status', {}, ms(0.2, 5_000)).catch((error) => error);
  if (answer instanceof Error) {
    // A signal takes its time to stop all threads on a busy machine.
    const now = (await qemuBelow(qemu.pid))?.state ?? found.state;
    return { state: 'driver-stopped', why: isStopped(now) ?? `${name}, in state ${now}: ${answer.message}` };
  }
  const status = String((answer as { status?: unknown } | null)?.status);
  if (status === 'running') return null;
  const [state, why] = STANDSTILLS[status] ?? ['driver-stopped', `QEMU says that the guest is ${status}`];
  return { state, why };
}

type Ask = (letter: string, timeoutMs: number) => Promise<void>;

/** What was said until nobody answered any more counts, too. */
function answerTo({ qemu }: Examination, ask: Ask, letter: string, timeoutMs: number): Promise<string> {
  return listenFor(qemu.console, { timeoutMs, quietMs: 500 }, () => ask(letter, timeoutMs).catch(() => {}));
}

async function askAll(examination: Examination, ask: Ask): Promise<void> {
  for (const [letter, title] of QUESTIONS) {
    const timeoutMs = examination.ms(0.3, 10_000);
    if (timeoutMs <= 1) return;
    const answer = await answerTo(examination, ask, letter, timeoutMs);
    // What this kernel was built without it answers with its help.
    if (!/sysrq: HELP/.test(answer)) keep(examination, title, answer);
  }
}

async function look({ ends, ms }: Examination): Promise<string> {
  return ends.monitor.monitor('info registers -a', ms(0.2, 3_000));
}

/** Nothing reacts: where are the processors, how did they get there, and what does the kernel say to an NMI? */
async function examineHang(examination: Examination, before: string): Promise<Finding> {
  const { qemu, ends, kernel, ms } = examination;
  await sleep(BETWEEN_LOOKS_MS);
  const after = await look(examination);
  const symbols = await loadSymbols(kernel);
  const processors = parseRegisters(after);
  const were = parseRegisters(before);
  const described = processors.map((now) =>
    describe(
      now,
      were.find(({ cpu }) => cpu === now.cpu),
      symbols,
    ),
  );
  const why = `the guest hangs: ${described.join('; ')}`;
  keep(examination, 'registers of the processors', withoutVectors(after));
  const busy = processors.filter((processor) => !isIdle(processor));
  for (const registers of symbols ? busy.slice(0, STACKS_MAX) : []) {
    const stack = await scanStack(ends.monitor, registers, symbols!, ms(0.1, 2_000));
    keep(examination, `how CPU ${registers.cpu} may have come to where it is`, stack);
  }
  examination.sofar = { state: 'guest-hung', why };
  const patience = { timeoutMs: ms(1, LAST_WORDS_MS), quietMs: 1_500 };
  // The interrupt goes to the first processor only, and what an idle one says is of no use.
  const first = processors.find(({ cpu }) => cpu === 0);
  if (patience.timeoutMs < patience.quietMs || !first || isIdle(first)) return examination.sofar;
  qemu.end('killed', why);
  const words = await listenFor(qemu.console, patience, () =>
    Promise.race([ends.monitor.execute('inject-nmi', {}, patience.timeoutMs), qemu.ended]),
  );
  keep(examination, 'what the kernel said to an NMI', words);
  return examination.sofar;
}
