// SPDX-License-Identifier: GPL-2.0-only

/** As `prog_tests/tests.h` is made of them by tools/testing/selftests/bpf/Makefile. */
const TEST = /^void (?:serial_)?test_(\w{1,128})\((?:void)?\)/;

/** The tests of test_progs that one file of `prog_tests/` defines, in its order. */
export function testsOf(source: string): string[] {
  return source.split('\n').flatMap((line) => TEST.exec(line)?.[1] ?? []);
}

/**
 * The programs that a file of `prog_tests/` needs: those whose skeletons it includes (`#include "mptcp_sock.skel.h"`),
 * and those that it opens by name (`"./test_l4lb.bpf.o"`).
 */
export function programsOf(source: string): string[] {
  const found = source.matchAll(/[/"](\w{1,128})\.(?:(?:skel|lskel|subskel)\.h|bpf\.o)"/g);
  return [...new Set([...found].map(([, name]) => name!))];
}

/**
 * A file of `prog_tests/` without what needs a program that cannot be built, where that is nothing but its skeleton
 * and tests of one line (`void test_verifier_and(void) { RUN(verifier_and); }`), as in `verifier.c`, which has a
 * hundred of them; null where it is more.
 */
export function withoutProgram(source: string, program: string): { source: string; tests: string[] } | null {
  const named = new RegExp(`\\b${program}\\b`);
  const tests: string[] = [];
  const kept: string[] = [];
  for (const line of source.split('\n')) {
    if (!named.test(line)) kept.push(line);
    else if (/^void (?:serial_)?test_\w+\(.*\{.*\}\s*$/.test(line)) tests.push(...testsOf(line));
    else if (!/^#include /.test(line)) return null;
  }
  return { source: kept.join('\n'), tests };
}
