// SPDX-License-Identifier: GPL-2.0-only
import type { SubtestReport, TestReport } from '../../results/store/types.ts';
import type { Outcome } from '../../results/words.ts';

/** Subtests as Linux 6.12's net/mptcp prints them. */
export const pmNetlink = [
  'defaults addr list',
  'simple add/get addr',
  'dump addrs',
  'simple del addr',
  'dump addrs after del',
  'duplicate addr',
  'id addr increment',
  'hard addr limit',
  'above hard addr limit',
  'id limit',
  'flush addrs',
  'ignore unknown flags',
  'rcv addrs above hard limit',
  'subflows above hard limit',
  'set limits',
  'set ids',
  'wrap-around ids',
  'set flags (backup)',
  '(nobackup)',
  '(fullmesh)',
  '(nofullmesh)',
  '(backup,fullmesh)',
];

export const diag = [
  'no msk on netns creation',
  'listen match for dport 10000',
  'listen match for sport 10000',
  'all listen sockets',
  'after MPC handshake',
  '....chk last_data_sent',
  '....chk 2 msk in use',
  '....chk 2->0 cestab after flush',
  'check fallback',
  'many msk socket present',
  '....chk many msk in use',
  '....chk many cestab',
];

export const simultFlows = [
  'balanced bwidth',
  'balanced bwidth - reverse direction',
  'balanced bwidth with unbalanced delay',
  'balanced bwidth with unbalanced delay - reverse direction',
  'unbalanced bwidth',
  'unbalanced bwidth with opposed, unbalanced delay',
  'unbalanced bwidth with opposed, unbalanced delay - reverse direction',
];

export const join = [
  'no JOIN',
  'single subflow',
  'single subflow, limited by client',
  'multiple subflows, limited by server',
  'unused signal address',
  'signal address',
  'subflow and signal',
  'multiple subflows and signal',
  'signal addresses race test',
  'signal address, ADD_ADDR timeout',
  'remove single subflow',
  'remove multiple subflows and signal',
  'single subflow IPv6',
  'single address, backup',
  'mpc backup both sides',
  'userspace pm add & remove address',
];

interface Shape {
  name: string;
  subtests: readonly string[];
  startedAt: number;
  durationMs: number;
  vm?: number;
  attempt?: number;
  outcome?: Outcome;
  exitCode?: number | null;
  message?: string;
  /** The subtests that did not pass, by name. */
  except?: Record<string, { outcome: Outcome; message?: string; flaky?: boolean }>;
  console?: string;
  stderr?: string;
}

/** A test's report with an output log as mptcp_lib.sh prints it: a table for people, then TAP. */
export function report(shape: Shape): TestReport {
  const { name, subtests, except = {} } = shape;
  const stem = name.replace('.sh', '');
  const human = subtests.map((subtest, index) => {
    const bad = except[subtest];
    const mark = { fail: '[FAIL]', skip: '[SKIP]', pass: '[ OK ]' }[bad?.outcome as string] ?? '[ OK ]';
    return `${String(index + 1).padStart(2, '0')} ${subtest.padEnd(52)} ${mark} ${bad?.message ?? ''}`.trimEnd();
  });
  const reports: SubtestReport[] = subtests.map((subtest, index) => ({
    name: subtest,
    outcome: except[subtest]?.outcome ?? 'pass',
    durationMs: Math.round((shape.durationMs / subtests.length) * (0.4 + ((index * 7) % 12) / 10)),
    line: human.length + 3 + index,
    markedFlaky: except[subtest]?.flaky ?? false,
    message: except[subtest]?.message ?? '',
  }));
  const tap = reports.map(({ outcome, durationMs, ...subtest }, index) => {
    const word = outcome === 'fail' ? 'not ok' : 'ok';
    const directive = outcome === 'skip' ? ' # SKIP' : ' #';
    return `${word} ${index + 1} - ${stem}: ${subtest.name}${directive} time=${durationMs}ms`;
  });
  const output = [...human, 'TAP version 13', `1..${subtests.length}`, ...tap, ''].join('\n');
  const outcome = shape.outcome ?? (reports.some((subtest) => subtest.outcome === 'fail') ? 'fail' : 'pass');
  const exitCode = shape.exitCode === undefined ? (outcome === 'pass' ? 0 : 1) : shape.exitCode;
  const log = (kind: 'stderr' | 'console', text?: string) =>
    text ? [{ kind, content: Buffer.from(text) }] : [];
  return {
    collection: 'net/mptcp',
    name,
    attempt: shape.attempt ?? 1,
    outcome,
    startedAt: shape.startedAt,
    durationMs: shape.durationMs,
    cpuMs: Math.round(shape.durationMs * 0.37),
    exitCode,
    signal: exitCode === null ? 'SIGKILL' : null,
    timeoutMs: 600_000,
    vm: shape.vm ?? 0,
    message: shape.message ?? '',
    line: null,
    subtests: reports,
    logs: [
      { kind: 'output', content: Buffer.from(output) },
      ...log('stderr', shape.stderr),
      ...log('console', shape.console),
    ],
    problems: [],
  };
}
