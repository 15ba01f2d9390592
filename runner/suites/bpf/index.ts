// SPDX-License-Identifier: GPL-2.0-only
import { type BpfRunner, buildBpfSelftests, GUEST_BPF } from '../../../vm/kernel/bpf/selftests.ts';
import { type Denial, parseDenials } from '../denials.ts';
import { fits } from '../glob.ts';
import type { PlannedTest } from '../planned-test.ts';
import type { Built, Suite, SuiteContext } from '../suite.ts';
import { quick, secondsOf } from './known.ts';
import { otherTests } from './others.ts';
import { progsTest } from './test-progs.ts';

const RUNNERS: readonly BpfRunner[] = ['test_progs', 'test_progs-no_alu32', 'test_progs-cpuv4'];
const collectionOf = (runner: BpfRunner) => `bpf/${runner}`;

/** The packet schedulers' are in trees of MPTCP's own. */
const MPTCP = ['mptcp*', 'bpf_*sched*'];

/** The tree's lists for this architecture and, where a list has a flavour's name, for that one. */
function denialsOf(lists: Readonly<Record<string, string>>): Denial[] {
  return Object.entries(lists).flatMap(([name, text]) => {
    const [, suffix] = /^DENYLIST(?:\.(.+))?$/.exec(name)!;
    const runner = RUNNERS.find((known) => known === suffix);
    if (suffix !== undefined && suffix !== 'x86_64' && !runner) return [];
    return parseDenials(text, name).map((denial) => ({
      ...denial,
      pattern: runner ? `${collectionOf(runner)}:${denial.pattern}` : denial.pattern,
    }));
  });
}

async function build(context: SuiteContext, patterns: readonly string[] | null): Promise<Built> {
  const { rootfs, kernel, source, collections, progress } = context;
  const make = (runner: BpfRunner) => buildBpfSelftests(rootfs, kernel, source, runner, progress);
  // The flavours need its modules and programs.
  const base = await make('test_progs');
  const layers = [base.layer];
  const tests: PlannedTest[] = [];
  for (const runner of RUNNERS.filter((name) => collections.includes(collectionOf(name)))) {
    const built = runner === 'test_progs' ? base : await make(runner);
    if (built !== base) layers.push(built.layer);
    const planned = (name: string) =>
      progsTest({ runner, name, options: built.options, expectedSeconds: secondsOf(name) });
    tests.push(
      ...built.tests.map(planned),
      ...built.leftOut.map(
        ({ name, message }): PlannedTest => ({
          ...planned(name),
          instead: { outcome: 'error', message: `it does not compile:\n${message}` },
        }),
      ),
    );
  }
  if (collections.includes('bpf')) tests.push(...otherTests(base.others));
  return {
    version: source.upstream,
    layers,
    tests: patterns ? tests.filter(({ name }) => patterns.some((pattern) => fits(pattern, name))) : tests,
    folder: () => GUEST_BPF,
    denials: denialsOf(base.denylists),
    facts: { modules: base.modules },
  };
}

const options = ['CONFIG_BPF_SYSCALL', 'CONFIG_BPF_JIT', 'CONFIG_DEBUG_INFO_BTF'];
const tools = ['clang', 'llvm-strip', 'ld.lld', 'ip', 'tc', 'nft', 'ping'];

export const bpf: Suite = {
  name: 'bpf',
  summary: 'tools/testing/selftests/bpf: test_progs and its flavours, test_maps, test_verifier',
  collections: [...RUNNERS.map(collectionOf), 'bpf'],
  quick,
  needs: { options, tools },
  build: (context) => build(context, null),
};

export const bpfMptcp: Suite = {
  name: 'bpf-mptcp',
  summary: 'what of test_progs and its flavours is about MPTCP: sockets, subflows, packet schedulers',
  collections: RUNNERS.map(collectionOf),
  quick: ['bpf/test_progs:mptcp*'],
  needs: { options: [...options, 'CONFIG_MPTCP'], tools },
  build: (context) => build(context, MPTCP),
};
