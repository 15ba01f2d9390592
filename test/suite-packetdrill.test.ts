// SPDX-License-Identifier: GPL-2.0-only
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TestReport } from '../results/store/types.ts';
import { type Prepared, prepare } from '../runner/setup.ts';
import { buildSuite } from '../runner/suites/build.ts';
import { packetdrill } from '../runner/suites/packetdrill/index.ts';
import { silent } from '../vm/progress.ts';
import { countResults } from './support/count-results.ts';
import { withFaults } from './support/fault-module.ts';
import { folderForTest, multitap, root, temporaryFolder } from './support/program.ts';
import { runAll } from './support/run.ts';
import { all, whyNot } from './support/slow.ts';

const checkout = process.env.MULTITAP_TEST_PACKETDRILL;
const why = checkout ? '' : ' (not here: MULTITAP_TEST_PACKETDRILL names no checkout of packetdrill)';

describe('without a checkout', () => {
  it('the run is one skip that tells where to get one', async () => {
    const data = await folderForTest('packetdrill-none');
    const { stdout, exitCode } = await multitap(['run', 'packetdrill', '--accel', 'tcg', '--data', data]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/skip +packetdrill: needs \(–\)\n.*no packetdrill to run scripts with/);
    expect(stdout).toContain('--packetdrill FOLDER, after git clone https://');
    expect(stdout).toMatch(/tests {5}1 skip\n/);
  });

  it('another folder is refused', async () => {
    const data = await folderForTest('packetdrill-other');
    const { stderr, exitCode } = await multitap([
      ...['run', 'packetdrill', '--accel', 'tcg', '--packetdrill', data, '--data', data],
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${data} has no gtests/net/packetdrill/configure`);
  });
});

/** The checkout's program and what its scripts share, with scripts of our own instead of its. */
async function withOwnScripts(from: string): Promise<string> {
  const to = await temporaryFolder('packetdrill');
  const net = join(to, 'gtests/net');
  for (const part of ['packetdrill', 'common'])
    await cp(join(from, 'gtests/net', part), join(net, part), { recursive: true, verbatimSymlinks: true });
  await mkdir(join(net, 'own'));
  const scripts = join(root, 'test/fixtures/packetdrill');
  for (const name of await readdir(scripts)) await cp(join(scripts, name), join(net, 'own', name));
  return to;
}

describe.skipIf(!checkout)(`with a checkout${why}`, () => {
  let prepared: Prepared;
  let reports: TestReport[];
  const report = (name: string) => reports.find((one) => one.name === name)!;
  const outcomes = (name: string) =>
    report(name).subtests.map((subtest) => [subtest.name, subtest.outcome] as const);

  beforeAll(async () => {
    const own = await withOwnScripts(checkout!);
    const guest = { kernel: 'deb:6.12', cpus: 2, memoryMb: 1024, accel: 'auto' } as const;
    prepared = await withFaults(
      await prepare(
        guest,
        ({ kernel, ...at }) =>
          buildSuite(packetdrill, {
            ...{ ...at, kernel, source: kernel, collections: packetdrill.collections },
            options: { packetdrill: [own] },
          }),
        silent,
      ),
    );
    const { tests } = prepared.built!;
    const chosen = tests.filter(({ name }) => name.startsWith('own/') || name === 'tcp_inq_server.pkt');
    reports = (await runAll(prepared, chosen)).reports;
  });

  it('scripts pass in all the variants that run_all.py has for them, or are only late', () => {
    const variants = (name: string) => outcomes(name).map(([variant]) => variant);
    expect(variants('own/passive.pkt')).toEqual(['ipv4', 'ipv4-mapped-v6', 'ipv6']);
    expect(variants('own/active_v4.pkt')).toEqual(['ipv4', 'ipv4-mapped-v6']);
    const well = prepared.plan.accel === 'tcg' ? ['pass', 'xfail'] : ['pass'];
    for (const name of ['own/passive.pkt', 'own/active_v4.pkt']) {
      expect(report(name).outcome).toBe('pass');
      for (const [, outcome] of outcomes(name)) expect(well).toContain(outcome);
    }
  });

  it('one that expects what does not come fails, and tells what came', () => {
    expect(report('own/wrong-ack.pkt')).toMatchObject({ outcome: 'fail', exitCode: 1 });
    for (const [, outcome] of outcomes('own/wrong-ack.pkt')) expect(outcome).toBe('fail');
    expect(report('own/wrong-ack.pkt').message).toContain('3 of 3 subtests failed');
    expect(String(report('own/wrong-ack.pkt').logs[0]!.content)).toMatch(/expected: 100 .* vs actual: 101 /);
  });

  it('one that is only late is no failure where the machine is slow', () => {
    const slow = prepared.plan.accel === 'tcg';
    for (const [, outcome] of outcomes('own/late.pkt')) expect(outcome).toBe(slow ? 'xfail' : 'fail');
    expect(report('own/late.pkt').outcome).toBe(slow ? 'pass' : 'fail');
  });

  it('a kernel that warns meanwhile has not passed', () => {
    const { outcome, message, subtests, crashes } = report('own/warning_v6.pkt');
    expect(outcome).toBe('fail');
    expect(subtests.map((subtest) => subtest.outcome)).not.toContain('fail');
    expect(message).toBe('kernel: WARNING in fault_warn');
    expect(crashes!.map(({ title }) => title)).toContain('WARNING in fault_warn');
  });

  it('those of the kernel’s own tree find our packetdrill', () => {
    const names = report('tcp_inq_server.pkt').subtests.map(({ name }) => name);
    expect(names).toEqual(['ipv4', 'ipv6']);
    expect(report('tcp_inq_server.pkt').outcome).not.toBe('skip');
  });

  it('awk counts the same in the raw logs', async () => {
    for (const { subtests, logs } of reports) {
      const { results, fail, skip, xfail } = await countResults(logs[0]!.content as Uint8Array);
      const are = (...wanted: string[]) => subtests.filter(({ outcome }) => wanted.includes(outcome)).length;
      expect({ results, skip }).toEqual({ results: subtests.length, skip: are('skip') });
      // Which of the two a late packet makes is ours to say for 6.12's own scripts.
      expect(fail + xfail).toBe(are('fail', 'xfail'));
    }
  });

  it.skipIf(!all)(`the checkout’s own scripts run${whyNot()}`, async () => {
    const { collections } = packetdrill;
    const at = { ...prepared, source: prepared.kernel, collections, progress: silent };
    const built = await buildSuite(packetdrill, { ...at, options: { packetdrill: [checkout!] } });
    const plan = { ...prepared.plan, layers: [...prepared.plan.layers.slice(0, 2), ...built.layers] };
    expect(built.facts!.packetdrill).toMatchObject({ revision: expect.stringMatching(/^[0-9a-f]{40}$/) });
    const tests = built.tests.filter(({ name }) => name.startsWith('tcp/blocking/'));
    const ran = await runAll({ ...prepared, built, plan }, tests);
    expect(ran.reports).toHaveLength(4);
    for (const { outcome, subtests } of ran.reports)
      expect({ outcome, subtests: subtests.length }).toEqual({ outcome: 'pass', subtests: 3 });
  });
});
