// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { programsOf, testsOf, withoutProgram } from './sources.ts';

const verifier = `#include "verifier_and.skel.h"
#include "verifier_array_access.skel.h"
#define RUN(skel) run_tests_aux(#skel, skel##__elf_bytes, NULL)
void test_verifier_and(void)                  { RUN(verifier_and); }
void test_verifier_array_access(void)         { RUN(verifier_array_access); }
`;

const mptcp = `#include "mptcp_sock.skel.h"
#include "mptcpify.skel.h"
static void test_base(void)
{
	struct mptcp_sock *skel = mptcp_sock__open();
}
void test_mptcp(void)
{
	if (test__start_subtest("base"))
		test_base();
}
void serial_test_l4lb()
{
	const char *file = "./test_l4lb.bpf.o";
}
`;

test('the tests that tests.h would have', () => {
  expect(testsOf(verifier)).toEqual(['verifier_and', 'verifier_array_access']);
  expect(testsOf(mptcp)).toEqual(['mptcp', 'l4lb']);
});

test('the programs that are needed to compile or to run', () => {
  expect(programsOf(mptcp)).toEqual(['mptcp_sock', 'mptcpify', 'test_l4lb']);
});

test('one program of many is left out with the test that is nothing else', () => {
  expect(withoutProgram(verifier, 'verifier_and')).toEqual({
    tests: ['verifier_and'],
    source: `#include "verifier_array_access.skel.h"
#define RUN(skel) run_tests_aux(#skel, skel##__elf_bytes, NULL)
void test_verifier_array_access(void)         { RUN(verifier_array_access); }
`,
  });
});

test('where a program is used in the middle of a file, nothing less than the file will do', () => {
  expect(withoutProgram(mptcp, 'mptcp_sock')).toBeNull();
});
