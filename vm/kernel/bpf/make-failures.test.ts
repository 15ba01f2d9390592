// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeFailures } from './make-failures.ts';

const failures = (...lines: string[]) => makeFailures(lines.join('\n'), '/work/bpf');

test('a failing program, test and linker, each with its own words', () => {
  expect(
    failures(
      '  CLNG-BPF [test_progs] fine.bpf.o',
      '  CLNG-BPF [test_progs] broken.bpf.o',
      'In file included from /work/bpf/progs/broken.c:4:',
      "/work/bpf/progs/broken.c:12:3: error: no member named 'sk' in 'struct mptcp_sock'",
      '   12 |   msk->sk;',
      '      |        ^',
      '1 error generated.',
      'make: *** [Makefile:639: /work/bpf/no_alu32/broken.bpf.o] Error 1',
      '  TEST-OBJ [test_progs-no_alu32] mptcp.test.o',
      'prog_tests/mptcp.c:10:10: fatal error: mptcp_sock.skel.h: No such file or directory',
      'make: *** [Makefile:700: /work/bpf/no_alu32/mptcp.test.o] Error 1',
      "make: Target 'test_progs-no_alu32' not remade because of errors.",
    ),
  ).toEqual([
    {
      target: 'broken.bpf.o',
      message: [
        "progs/broken.c:12:3: error: no member named 'sk' in 'struct mptcp_sock'",
        '   12 |   msk->sk;',
        '      |        ^',
        '1 error generated.',
      ].join('\n'),
    },
    {
      target: 'mptcp.test.o',
      message: 'prog_tests/mptcp.c:10:10: fatal error: mptcp_sock.skel.h: No such file or directory',
    },
  ]);
});

test('a sub-make is told once, by the target that ran it', () => {
  expect(
    failures(
      "make[1]: *** No rule to make target 'all'.  Stop.",
      'make[1]: *** [Makefile:16: all] Error 2',
      'make: *** [Makefile:299: /work/bpf/bpf_testmod.ko] Error 2',
    ),
  ).toEqual([{ target: 'bpf_testmod.ko', message: "make[1]: *** No rule to make target 'all'.  Stop." }]);
});

test('words are bounded, whatever a Makefile prints', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constant('make: *** [M:1: x.bpf.o] Error 1'))), (lines) => {
      for (const { target, message } of failures(...lines)) {
        expect(target).toBe('x.bpf.o');
        expect(message.length).toBeLessThanOrEqual(600);
      }
    }),
  );
});
