// SPDX-License-Identifier: GPL-2.0-only
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltRunner, buildRunner } from '../vm/kernel/bpf/runner.ts';
import { silent } from '../vm/progress.ts';
import { buildRootfs } from '../vm/rootfs/build.ts';
import { inSandbox, type SandboxOptions } from '../vm/rootfs/sandbox.ts';
import { root, temporaryFolder } from './support/program.ts';

let bpf: string;
let sandbox: SandboxOptions;
let built: BuiltRunner;
const said: string[] = [];

beforeAll(async () => {
  bpf = await temporaryFolder('bpf-build');
  await cp(join(root, 'test/fixtures/bpf-selftests'), bpf, { recursive: true });
  const { tree } = await buildRootfs(silent);
  sandbox = { root: tree, writable: [bpf], cwd: bpf };
  const plan = { sandbox, bpf, vmlinux: '/nowhere', without: [] };
  built = await buildRunner(plan, 'test_progs', silent.step(''), said);
});

afterAll(() => rm(bpf, { recursive: true, force: true }));

describe('BPF selftests of which some do not compile', () => {
  it('are built with the others', () => {
    expect(built.tests).toEqual(['fine', 'verifier_fine']);
  });

  it('run without them', async () => {
    const { stdout } = await inSandbox(sandbox, ['./test_progs']);
    expect(stdout).toBe('fine\nverifier_fine');
  });

  it('are named with the compiler’s words about the program that they need, or about themselves', () => {
    const words = Object.fromEntries(
      built.leftOut.map(({ name, message }) => [name, message.split('\n')[0]]),
    );
    const broken = expect.stringMatching(/^progs\/broken\.c:4:\d+: error: .*no_such_kfunc_of_this_kernel/);
    expect(words).toEqual({
      needs_broken: broken,
      in_the_same_file: broken,
      itself: expect.stringMatching(/^prog_tests\/itself\.c:6:\d+: error: .*no_such_member/),
      verifier_broken: expect.stringMatching(/^progs\/verifier_broken\.c:2:\d+: error: .*no_such_type/),
    });
  });

  it('leave a log of all that make said', () => {
    expect(said.join('')).toMatch(/\$ make test_progs, round 1\n[\s\S]*\$ make test_progs, round 2\n/);
  });
});
