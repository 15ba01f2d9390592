// SPDX-License-Identifier: GPL-2.0-only
import type { ResultWriter, RunStart, TestReport } from '../../results/store/types.ts';
import { diag, join, pmNetlink, report, simultFlows } from './tests.ts';

/** The samples' present: 2026-11-22 12:00 UTC. */
export const sampleNow = Date.UTC(2026, 10, 22, 12);

const minute = 60_000;
const planned = [
  'pm_netlink.sh',
  'diag.sh',
  'mptcp_join.sh',
  'simult_flows.sh',
  'userspace_pm.sh',
  'mptcp_sockopt.sh',
];

const panic = `[    0.000000] Linux version 7.3.4-amd64 (debian-kernel@lists.debian.org)
[   41.202514] mptcp: starting
[   98.417730] BUG: kernel NULL pointer dereference, address: 0000000000000018
[   98.417991] #PF: supervisor read access in kernel mode
[   98.418204] Oops: Oops: 0000 [#1] SMP PTI
[   98.418411] CPU: 1 UID: 0 PID: 2211 Comm: mptcp_connect Not tainted 7.3.4-amd64
[   98.418762] RIP: 0010:mptcp_subflow_create_socket+0x1f/0x2a0
[   98.419320] Call Trace:
[   98.419544]  <TASK>
[   98.419733]  __mptcp_subflow_connect+0x9d/0x5c0
[   98.420012]  mptcp_pm_nl_work+0x3a4/0x620
[   98.433890] Kernel panic - not syncing: Fatal exception
`;

/** Two Debian kernels: a history of 26 runs with a flake and a regression; a crash; a run that goes on. */
export async function fillSample(store: ResultWriter): Promise<void> {
  for (let index = 0; index < 26; index++) await longHistory(store, index);
  await crashed(store);
  await stopped(store);
  await going(store);
}

async function longHistory(store: ResultWriter, index: number): Promise<void> {
  const startedAt = sampleNow - (27 - index) * 22 * 60 * minute;
  const uuid = `0a${String(index).padStart(6, '0')}-1111-4111-8111-111111111111`;
  await store.startRun(
    start({ uuid, startedAt, branch: 'debian/6.12', revision: `6.12.${92 + index}-1`, position: index }),
  );
  const flaky = index % 7 === 3;
  const regressed = index >= 24;
  const tests: TestReport[] = [
    report({
      name: 'pm_netlink.sh',
      subtests: pmNetlink,
      startedAt,
      durationMs: 33_497 + ((index * 3571) % 9000),
    }),
    report({
      name: 'diag.sh',
      subtests: diag,
      startedAt: startedAt + minute,
      durationMs: 121_300 + ((index * 7919) % 30_000),
      vm: 1,
      except: {
        '....chk many msk in use': { outcome: 'skip', message: 'Feature probably not supported' },
        ...(regressed && {
          'many msk socket present': {
            outcome: 'fail',
            message: 'timeout while expecting 200 max 148 last 0',
          },
          '....chk many cestab': { outcome: 'fail', message: 'expected 200 found 0' },
        }),
      },
    }),
    report({
      name: 'mptcp_join.sh',
      subtests: join,
      startedAt: startedAt + 2 * minute,
      durationMs: 402_100 + ((index * 104_729) % 90_000),
      ...(index === 11 && { outcome: 'timeout', exitCode: null, message: 'no end after 600 s: killed' }),
      except: { 'signal address, ADD_ADDR timeout': { outcome: index % 5 ? 'pass' : 'xfail', flaky: true } },
    }),
    report({
      name: 'simult_flows.sh',
      subtests: simultFlows,
      startedAt: startedAt + 9 * minute,
      durationMs: 129_696 + ((index * 6007) % 20_000),
      vm: 1,
      ...(flaky && {
        except: {
          'unbalanced bwidth with opposed, unbalanced delay': {
            outcome: 'fail',
            message: 'transfer slower than expected! runtime 12416 ms, expected 11921 ms max 11921',
          },
        },
      }),
      stderr: 'client exit code 1, server 0\n',
    }),
    report({
      name: 'userspace_pm.sh',
      subtests: pmNetlink.slice(0, 5),
      startedAt: startedAt + 11 * minute,
      durationMs: 21_000,
      ...(index === 25 && { except: { 'dump addrs': { outcome: 'fail', message: 'no answer within 1 s' } } }),
    }),
    report({
      name: 'mptcp_sockopt.sh',
      subtests: diag.slice(0, 4),
      startedAt: startedAt + 12 * minute,
      durationMs: 9_120,
    }),
  ];
  for (const test of tests) await store.addTest(uuid, test);
  if (index === 25) {
    const again = report({
      name: 'userspace_pm.sh',
      subtests: pmNetlink.slice(0, 5),
      startedAt: startedAt + 13 * minute,
      durationMs: 20_400,
      attempt: 2,
    });
    await store.addTest(uuid, again);
  }
  await store.finishRun(uuid, { state: 'complete', finishedAt: startedAt + 14 * minute, reason: '' });
}

async function crashed(store: ResultWriter): Promise<void> {
  const startedAt = sampleNow - 190 * minute;
  const uuid = 'cccccccc-2222-4222-8222-222222222222';
  await store.startRun(
    start({ uuid, startedAt, branch: 'debian/trixie-backports', revision: '7.3.4-1', position: 1 }),
  );
  await store.addTest(
    uuid,
    report({ name: 'pm_netlink.sh', subtests: pmNetlink, startedAt, durationMs: 45_413 }),
  );
  await store.addTest(
    uuid,
    report({
      name: 'diag.sh',
      subtests: diag.slice(0, 6),
      startedAt: startedAt + minute,
      durationMs: 57_700,
      outcome: 'crash',
      exitCode: null,
      message: 'BUG: kernel NULL pointer dereference in mptcp_subflow_create_socket',
      console: panic,
    }),
  );
  await store.addTest(
    uuid,
    report({
      name: 'mptcp_join.sh',
      subtests: join.slice(0, 9),
      startedAt: startedAt + 2 * minute,
      durationMs: 600_000,
      outcome: 'timeout',
      exitCode: null,
      message: 'no end after 600 s: killed',
      vm: 1,
    }),
  );
  await store.finishRun(uuid, { state: 'complete', finishedAt: startedAt + 13 * minute, reason: '' });
}

async function stopped(store: ResultWriter): Promise<void> {
  const startedAt = sampleNow - 75 * minute;
  const uuid = 'dddddddd-3333-4333-8333-333333333333';
  await store.startRun(
    start({ uuid, startedAt, branch: 'debian/trixie-backports', revision: '7.3.4-1', position: 1 }),
  );
  await store.addTest(
    uuid,
    report({ name: 'pm_netlink.sh', subtests: pmNetlink, startedAt, durationMs: 44_100 }),
  );
  await store.finishRun(uuid, {
    state: 'incomplete',
    finishedAt: startedAt + 4 * minute,
    reason: 'stopped by Ctrl-C after 1 of 6 tests',
  });
}

async function going(store: ResultWriter): Promise<void> {
  const startedAt = sampleNow - 6 * minute;
  const uuid = 'eeeeeeee-4444-4444-8444-444444444444';
  await store.startRun(
    start({ uuid, startedAt, branch: 'debian/trixie-backports', revision: '7.3.4-2', position: 2 }),
  );
  await store.addTest(
    uuid,
    report({ name: 'pm_netlink.sh', subtests: pmNetlink, startedAt, durationMs: 41_230 }),
  );
  await store.addTest(
    uuid,
    report({
      name: 'simult_flows.sh',
      subtests: simultFlows,
      startedAt: startedAt + minute,
      durationMs: 131_000,
      vm: 1,
      except: {
        'balanced bwidth': {
          outcome: 'fail',
          message: 'transfer slower than expected! runtime 13416 ms, expected 11921 ms',
        },
      },
    }),
  );
}

interface StartShape {
  uuid: string;
  startedAt: number;
  branch: string;
  revision: string;
  position: number;
}

/** The beginning of a run under TCG with one of Debian's kernels. */
export function start({ uuid, startedAt, branch, revision, position }: StartShape): RunStart {
  const reference = branch.replace('debian/', 'deb:');
  return {
    uuid,
    suite: 'mptcp',
    branch: { name: branch },
    revision: { name: revision, position },
    variant: { arch: 'x86_64', accel: 'tcg', cpus: 2, flavour: 'debian-cloud', options: '' },
    environment: {
      kernel: `${revision.split('-')[0]}-cloud-amd64`,
      config: '4f2a9c61d0be',
      accelerator: 'tcg: /dev/kvm answered nothing within 5 s',
      'root file system': 'trixie 8c1e55',
      tools: { ip: '6.15.0', nft: '1.1.3', tcpdump: '4.99.5' },
      qemu: 'qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nographic -no-reboot -kernel bzImage -append "console=ttyS0 panic=-1" -device virtio-serial-pci -drive file=root.erofs,if=virtio,readonly=on'.split(
        ' ',
      ),
      slow: true,
    },
    command: `multitap run mptcp --kernel ${reference} --jobs 2`,
    startedAt,
    planned: planned.map((name) => ({ collection: 'net/mptcp', name })),
  };
}
