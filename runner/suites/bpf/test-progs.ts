// SPDX-License-Identifier: GPL-2.0-only
import { flatten, messageOf } from '../../../results/formats/flatten.ts';
import type { ParsedDocument, ParsedTest } from '../../../results/formats/format.ts';
import { outcomeOfExit } from '../../../results/formats/test_progs/exit-code.ts';
import { testProgs } from '../../../results/formats/test_progs/index.ts';
import type { ExitReport } from '../../../vm/guest/protocol.ts';
import { type BpfRunner, GUEST_BPF } from '../../../vm/kernel/bpf/selftests.ts';
import type { Machine } from '../../../vm/machine.ts';
import { runInGuest } from '../../schedule/guest-command.ts';
import type { Narrowing, PlannedTest, Verdict } from '../planned-test.ts';
import { disagreements } from './json-summary.ts';
import { modulesFor } from './known.ts';

/** A test of test_progs, or of one of its flavours. */
export interface ProgsTest {
  runner: BpfRunner;
  name: string;
  /** The long options that this test_progs knows. */
  options: readonly string[];
  expectedSeconds: number;
}

/** Seconds: libbpf/ci starts test_progs with `--watchdog-timeout=600`, for a test or a subtest. */
const TIMEOUT_S = 600;

/** Where test_progs writes its summary in the guest. */
const SUMMARY = '/tmp/test_progs.json';
const SUMMARY_MAX = 8 * 2 ** 20;

/** test_progs knows no `?`, and takes a comma for the end of a pattern: `*` fits both. */
function patternOf(subtest: string): string {
  return subtest.replaceAll(/[?,]/g, '*');
}

function request({ runner, name, options }: ProgsTest, { only, without }: Narrowing, timeoutMs: number) {
  const modules = modulesFor(name);
  const watchdog = timeoutMs > 0 ? Math.ceil(timeoutMs / 1000) + 60 : 0;
  return {
    argv: [
      // One that is not there is missed by the test, which tells.
      ...(modules.length > 0 ? ['/bin/sh', '-c', `modprobe -qa ${modules.join(' ')}; exec "$@"`, 'sh'] : []),
      // What was printed before the guest crashed should not be lost in a buffer.
      ...['stdbuf', '--output=L', `./${runner}`],
      ...(only.length > 0 ? only.map((subtest) => `${name}/${patternOf(subtest)}`) : [name]).flatMap(
        (pattern) => ['-a', pattern],
      ),
      ...without.flatMap((subtest) => ['-d', `${name}/${patternOf(subtest)}`]),
      ...(options.includes('json-summary') ? ['--json-summary', SUMMARY] : []),
      // It tells which subtest is slow; what hangs is ended, and looked at, by us.
      ...(options.includes('watchdog-timeout') ? ['--watchdog-timeout', String(watchdog)] : []),
    ],
    cwd: GUEST_BPF,
    env: {},
  };
}

const ownOf = (name: string, { tests }: ParsedDocument): ParsedTest | undefined =>
  tests.find((test) => test.name === name);

function verdictOf(
  { name }: ProgsTest,
  { only }: Narrowing,
  exit: ExitReport,
  document: ParsedDocument,
): Verdict {
  const own = ownOf(name, document);
  if (!own) {
    if (exit.code === 2) return { outcome: 'error', message: `test_progs knows no test ${name}` };
    const known = outcomeOfExit(exit.code);
    if (known) return { outcome: known.outcome, message: known.reason };
    const outcome = exit.code === 0 ? 'error' : 'fail';
    return { outcome, message: `exit code ${exit.code}, and no result of ${name}` };
  }
  if (only.length > 0 && own.subtests.length === 0 && own.outcome === 'pass')
    return { outcome: 'error', message: `${name} has no subtest ${only.join(', ')}` };
  const message = messageOf(own);
  if (own.outcome === 'pass' && exit.code !== 0)
    return { outcome: 'fail', message: `exit code ${exit.code}, although its line says OK` };
  if (own.outcome === 'skip' && !message)
    return { outcome: 'skip', message: noReason(name, own.subtests.length) };
  return { outcome: own.outcome, message };
}

function noReason(name: string, subtests: number): string {
  const what = subtests > 0 ? `all of its ${subtests} subtests are skipped` : 'it tells no reason';
  return `${what}; with -v it may say more: ./test_progs -v -a ${name}`;
}

/** Of a test that has ended by itself: of one that was ended nothing is summed up. */
async function compare(
  { name, options }: ProgsTest,
  machine: Machine,
  document: ParsedDocument,
): Promise<string[]> {
  if (!options.includes('json-summary') || !ownOf(name, document)) return [];
  const script = `cat ${SUMMARY} && rm ${SUMMARY}`;
  const read = { argv: ['/bin/sh', '-c', script], timeoutMs: 10_000, outputMax: SUMMARY_MAX };
  const { code, output } = await runInGuest(machine, read);
  return code === 0
    ? disagreements(document, output.toString('utf8'))
    : ['--json-summary: test_progs wrote no file'];
}

/** One test of test_progs in a process of its own: `./test_progs -a NAME`. */
export function progsTest(test: ProgsTest, narrowing: Narrowing = { only: [], without: [] }): PlannedTest {
  const { runner, name, expectedSeconds } = test;
  const subtests = (document: ParsedDocument) => flatten(ownOf(name, document)?.subtests ?? []);
  return {
    ...{ collection: `bpf/${runner}`, name, expectedSeconds, timeoutS: TIMEOUT_S, format: testProgs },
    taints: true,
    start: ({ timeoutMs }) => request(test, narrowing, timeoutMs),
    subtests,
    conclude: (exit, document) => ({
      verdict: verdictOf(test, narrowing, exit, document),
      subtests: subtests(document),
    }),
    verify: async (machine, document) => [
      ...narrowing.without.map((subtest) => `denied, and not run: ${name}/${subtest}`),
      ...(await compare(test, machine, document)),
    ],
    narrow: ({ only, without }) =>
      progsTest(test, {
        only: [...narrowing.only, ...only],
        without: [...narrowing.without, ...without],
      }),
  };
}
