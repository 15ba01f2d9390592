// SPDX-License-Identifier: GPL-2.0-only
import { flatten } from '../../../results/formats/flatten.ts';
import type { ResultFormat } from '../../../results/formats/format.ts';
import { testMaps } from '../../../results/formats/test_maps/index.ts';
import { testVerifier } from '../../../results/formats/test_verifier/index.ts';
import { GUEST_BPF } from '../../../vm/kernel/bpf/selftests.ts';
import type { PlannedTest } from '../planned-test.ts';

/** The programs beside test_progs, each one test; seconds under TCG, measured. */
const programs: Record<string, { format: ResultFormat; seconds: number }> = {
  test_maps: { format: testMaps, seconds: 600 },
  test_verifier: { format: testVerifier, seconds: 70 },
};

/** @param built the compiler's words for each that did not build, else null */
export function otherTests(built: Partial<Record<string, string | null>>): PlannedTest[] {
  return Object.entries(programs).map(([name, { format, seconds }]) => ({
    ...{ collection: 'bpf', name, format, expectedSeconds: seconds, timeoutS: 600 },
    start: () => ({ argv: ['stdbuf', '--output=L', `./${name}`], cwd: GUEST_BPF, env: {} }),
    // test_maps is its own only test; test_verifier prints nothing but its parts.
    subtests: ({ tests }) => flatten(tests.flatMap((test) => (test.name === name ? test.subtests : [test]))),
    ...(built[name] === null ? {} : { instead: { outcome: 'error', message: built[name] ?? 'not built' } }),
  }));
}
