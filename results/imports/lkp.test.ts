// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { lkp } from './lkp.ts';
import { inMemory, outline, readAll } from './testing.ts';

const read = (...lines: string[]) => readAll(lkp, inMemory(`${lines.join('\n')}\n`, 'stats'));

// The names are of reports of the robot: lore.kernel.org/netdev, 2021 to 2023.
test('statistics and reports', async () => {
  const { runs, problems } = await read(
    ...['net/mptcp.mptcp_join.sh.fail: 1', 'net.fcnal-test.sh.pass: 1', 'net.so_txtime.sh.skip: 1'],
    'kernel-selftests.netfilter.nft_flowtable.sh.ipsec_tunnel_mode_for_ns1/ns2.fail',
    ...['kernel-selftests-bpf.bpf.test_progs.pass', 'net.tls.12_aes_gcm.splice.pass: 1'],
  );
  expect(problems).toEqual([]);
  expect(outline(runs[0]!.tests)).toEqual([
    ...['fail net/mptcp: mptcp_join.sh#1', 'pass net: fcnal-test.sh#1', 'skip net: so_txtime.sh#1'],
    'fail netfilter: nft_flowtable.sh#1 (fail ipsec_tunnel_mode_for_ns1/ns2)',
    ...['pass bpf: test_progs#1', 'pass net: tls#1 (pass 12_aes_gcm.splice)'],
  ]);
});

test('the robot’s JSON, on one line each or on several', async () => {
  const { runs, problems, notes } = await read(
    ...['{', ' "kernel-selftests.net.a.sh.pass": [1],', ' "kernel-selftests.net.b.sh.fail": [', '  1', ' ],'],
    ...[' "kernel-selftests.net.c.sh.fail": [0],', ' "kernel-selftests.net.d.sh.fail": [', '  0', ' ],'],
    ...[' "kernel-selftests.net.e.sh.fail": [', '  0,', '  1', ' ]', '}'],
  );
  expect(outline(runs[0]!.tests)).toEqual(['pass net: a.sh#1', 'fail net: b.sh#1', 'fail net: e.sh#1']);
  expect(problems).toEqual([]);
  expect(notes[0]).toBe(': 2 lines count 0: what never happened is no result');
});

test('of two that disagree the worse counts, and that is told', async () => {
  const { runs, notes } = await read('net.a.sh.pass', 'net.a.sh.fail', 'net.a.sh.pass');
  expect(outline(runs[0]!.tests)).toEqual(['fail net: a.sh#1']);
  expect(notes.filter((text) => text.includes('worse'))).toHaveLength(2);
});

test('a test that passed although a subtest failed has not', async () => {
  const { runs, notes } = await read('net.a.sh.pass', 'net.a.sh.x.fail', 'net.b.sh.skip', 'net.b.sh.x.xfail');
  expect(outline(runs[0]!.tests)).toEqual(['fail net: a.sh#1 (fail x)', 'skip net: b.sh#1 (xfail x)']);
  expect(runs[0]!.tests[0]!.message).toBe('the test itself: pass');
  expect(notes).toContain('net: a.sh: says pass, and 1 of its subtests failed: stored as fail');
});

test('other lines are told, a file of others is refused', async () => {
  const { problems } = await read('net.a.sh.pass', 'net.make_fail', 'boot-time.boot: 12', 'x.pass');
  expect(problems.map((text) => text.split(':')[0])).toEqual(['line 2', 'line 3', 'line 4']);
  await expect(read('hello', '\0\0')).rejects.toThrow('holds no result line of lkp');
  await expect(readAll(lkp, inMemory(''))).rejects.toThrow('is empty');
});

test('a line that is made to be slow is not', async () => {
  const began = performance.now();
  await read('net.a.sh.pass', ...Array(200).fill(`a${'.a'.repeat(4000)}: ${' '.repeat(4000)}x`));
  expect(performance.now() - began).toBeLessThan(2000);
});
