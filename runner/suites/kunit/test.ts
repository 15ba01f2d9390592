// SPDX-License-Identifier: GPL-2.0-only
import { flatten } from '../../../results/formats/flatten.ts';
import type { ParsedDocument } from '../../../results/formats/format.ts';
import { tap } from '../../../results/formats/tap/index.ts';
import type { SubtestReport } from '../../../results/store/types.ts';
import { isBad } from '../../../results/words.ts';
import type { ExitReport } from '../../../vm/guest/protocol.ts';
import type { PlannedTest, Verdict } from '../planned-test.ts';
import type { KunitSuite } from './discover.ts';

/** KUnit itself gives up on a case after 300 s (lib/kunit/try-catch.c), and tells: that is waited for. */
const TIMEOUT_S = 360;
/** Under TCG; most take less than one. */
const EXPECTED_S = 3;

export const COLLECTION = 'kunit';

/**
 * `$1`: the suite, `$2`: its module, nothing for what is built in, `$3`: the module holds others as well. KUnit then
 * runs only this one, from Linux 6.6 on. A module's tests are run when it is loaded; one that is loaded already was
 * another test's.
 */
const SCRIPT = `
results=/sys/kernel/debug/kunit/$1/results
filter=/sys/module/kunit/parameters/filter_glob
if [ "$2" ]; then
	modprobe kunit
	[ ! -e "/sys/module/$2" ] || modprobe -r "$2" || exit
	[ -z "$3" ] || [ ! -w $filter ] || echo "$1" > $filter
	told=$(dmesg | wc -l)
	modprobe "$2"
	code=$?
	[ -z "$3" ] || [ ! -w $filter ] || echo '*' > $filter
	if [ $code -ne 0 ]; then
		dmesg | tail -n +$((told + 1)) | sed 's/^/# kernel: /'
		exit $code
	fi
fi
cat "$results"
`;

/** A KUnit suite as a test: its cases are the subtests. */
export function kunitTest({ name, title, module, shared }: KunitSuite): PlannedTest {
  return {
    ...{ collection: COLLECTION, name: title, expectedSeconds: EXPECTED_S, timeoutS: TIMEOUT_S, format: tap },
    start: () => ({ argv: ['/bin/sh', '-c', SCRIPT, 'sh', name, module ?? '', shared ? 'shared' : ''] }),
    conclude: (exit, document) => conclude(name, module, exit, document),
  };
}

/** Whatever ran while the kernel booted, where nobody knows beforehand what that is. */
export const allBuiltIn: PlannedTest = {
  ...{
    collection: COLLECTION,
    name: 'built-in',
    expectedSeconds: EXPECTED_S,
    timeoutS: TIMEOUT_S,
    format: tap,
  },
  start: () => ({ argv: ['/bin/sh', '-c', 'cat /sys/kernel/debug/kunit/*/results'] }),
  conclude: (exit, { tests }) => {
    const bad = tests.some(({ outcome }) => isBad(outcome));
    const outcome = exit.code === 0 && !bad ? 'pass' : 'fail';
    return { verdict: { outcome, message: '' }, subtests: flatten(tests) };
  },
};

/** The suite's own result is the test's. */
export function conclude(
  suite: string,
  module: string | null,
  { code }: Pick<ExitReport, 'code'>,
  { tests }: ParsedDocument,
): { verdict: Verdict; subtests: SubtestReport[] } {
  const own = tests.find(({ name }) => name === suite);
  if (code === 0 && own) {
    const message = own.outcome === 'skip' ? own.reason : '';
    return { verdict: { outcome: own.outcome, message }, subtests: flatten(own.subtests) };
  }
  return { verdict: { outcome: 'fail', message: whyNone(module, code) }, subtests: flatten(tests) };
}

function whyNone(module: string | null, code: number): string {
  if (code === 0) return 'KUnit told no result of it';
  if (module) return `the module ${module} could not be loaded, or has no results`;
  return 'KUnit has no results of it: it was not run while the kernel booted';
}
