// SPDX-License-Identifier: GPL-2.0-only
// What every driver does, on a real kernel. One machine is booted for most of it; what ends a machine comes last.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prepared } from '../runner/setup.ts';
import { drivers } from '../vm/drivers.ts';
import { copyOut } from '../vm/files-out.ts';
import { GuestGone } from '../vm/guest/guest.ts';
import type { Machine } from '../vm/machine.ts';
import type { GuestPlan } from '../vm/plan.ts';
import { guestClockRate } from './support/clock.ts';
import { capture, preparedGuest, withCollection } from './support/guest.ts';
import { type Family, familyOf } from './support/processes.ts';
import { folderForTest, temporaryFolder } from './support/program.ts';
import { all, whyNot } from './support/slow.ts';

const BOOT_MS = 600_000;
const MEMORY_MB = 768;
/** Every byte there is, and what a terminal or a text mode would change. */
const BYTES = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from('\r\n\n\r\0\0\x03\x04\x1a\xff\xfe'),
  randomBytes(2 ** 20),
]);

let prepared: Prepared;
let layer: string;

beforeAll(async () => {
  layer = await temporaryFolder('layer');
  // Two layers on top of the root and the kernel: the kernel's own selftests, and a collection of this test's.
  const own = await withCollection(await preparedGuest('net/mptcp'), layer, {
    'hello.sh': 'echo "hello from $(basename "$PWD")"; touch written-beside-the-test && exit 4',
  });
  prepared = own.prepared;
});

afterAll(() => rm(layer, { recursive: true, force: true }));

describe.each(drivers)('driver $name', (driver) => {
  // Each boot of it takes minutes.
  const slow = driver.name === 'virtme' && !all;
  const whySlow = whyNot(slow);
  let machine: Machine;
  let others: Machine[] = [];

  async function boot(plan: Partial<GuestPlan> = {}, timeoutMs = BOOT_MS): Promise<Machine> {
    const wanted = { ...prepared.plan, memoryMb: MEMORY_MB, ...plan };
    const booted = await driver.boot({ rootfs: prepared.rootfs, plan: wanted, timeoutMs });
    others.push(booted);
    return booted;
  }

  /** One processor: all that has to be emulated for a machine that is only to end. */
  const bootSmall = () => boot({ cpus: 1 });

  /** Says how it ended, after looking whether anything of it is left on the host. */
  async function ending(ended: Machine, family: Family): Promise<{ how: string; why: string }> {
    const result = await ended.ended;
    expect(await family.survivors()).toEqual([]);
    const folder = dirname(ended.console.path);
    await ended.dispose();
    expect(existsSync(folder)).toBe(false);
    await expect(ended.exec({ argv: ['true'] }).exit).rejects.toThrow(GuestGone);
    return result;
  }

  beforeAll(async () => {
    machine = await boot({ append: ['multitap.word=1', 'multitap.words="two of them"'] });
  });

  afterAll(async () => {
    for (const other of others) await other.dispose();
    others = [];
  });

  describe('a machine', () => {
    it('is the one that was asked for: kernel, processors, memory, options', async () => {
      expect(machine.hello).toMatchObject({ release: prepared.kernel.release, machine: 'x86_64', cpus: 2 });
      const { stdout } = await capture(machine, [
        'sh',
        '-c',
        'uname -r; nproc; cat /proc/meminfo /proc/cmdline',
      ]);
      const said = stdout.toString();
      expect(said.split('\n').slice(0, 2)).toEqual([prepared.kernel.release, '2']);
      const total = Number(/MemTotal: +(\d+) kB/.exec(said)?.[1]) / 1024;
      expect(total).toBeGreaterThan(MEMORY_MB * 0.75);
      expect(total).toBeLessThanOrEqual(MEMORY_MB);
      expect(said).toContain(' multitap.word=1 ');
      expect(said).toMatch(/ (multitap\.words="two of them"|"multitap\.words=two of them")/);
    });

    it('runs a program with arguments, environment and folder, and tells its exit code and both streams', async () => {
      const script = 'echo "$1|$WORD|$PWD"; echo oops >&2; exit 7';
      const more = { env: { WORD: 'ü x' }, cwd: '/usr/lib' };
      const result = await capture(machine, ['sh', '-c', script, 'sh', 'a b'], more);
      expect(result).toMatchObject({ code: 7, signal: 0, timedOut: false });
      expect(result.stdout.toString()).toBe('a b|ü x|/usr/lib\n');
      expect(result.stderr.toString()).toBe('oops\n');
    });

    it('takes seconds for as long as the host does', async () => {
      const rate = await guestClockRate(machine);
      expect(rate).toBeGreaterThan(0.9);
      expect(rate).toBeLessThan(1.1);
    });

    it('changes no byte on the way in or out', async () => {
      const { stdout } = await capture(machine, ['cat'], {}, BYTES);
      expect(stdout.equals(BYTES)).toBe(true);
    });

    it('tells the signal that ended a program, and what was not found', async () => {
      expect(await capture(machine, ['sh', '-c', 'kill -SEGV $$'])).toMatchObject({ signal: 11 });
      expect(await capture(machine, ['/no/such/program'])).toMatchObject({ code: 127 });
    });

    it('ends a program at its time-out, with all that it started', async () => {
      const stubborn = ['bash', '-c', 'trap "" TERM; sleep 1000 & while :; do sleep 1; done'];
      expect(await capture(machine, stubborn, { timeoutMs: 4000 })).toMatchObject({
        timedOut: true,
        signal: 9,
      });
    });

    it('runs several programs at once', async () => {
      const results = await Promise.all(
        [1, 2, 3, 4].map((n) => capture(machine, ['sh', '-c', `sleep 1; echo ${n}; exit ${n}`])),
      );
      expect(results.map(({ code }) => code)).toEqual([1, 2, 3, 4]);
      expect(results.map(({ stdout }) => stdout.toString())).toEqual(['1\n', '2\n', '3\n', '4\n']);
    });

    it('has the selftests of all layers, in folders that can be written to', async () => {
      const cwd = '/opt/kselftest';
      const list = await capture(machine, ['sh', '-c', './run_kselftest.sh -l'], { cwd });
      expect(list.stdout.toString().split('\n')).toContain('net/mptcp:pm_netlink.sh');
      const own = await capture(machine, ['./hello.sh'], { cwd: `${cwd}/own` });
      expect(own).toMatchObject({ code: 4 });
      expect(own.stdout.toString()).toBe('hello from own\n');
    });

    it('has what kselftests expect: root, loopback, mounts, modules, a root that can be written to', async () => {
      const mounts = ['fs/cgroup', 'kernel/debug', 'kernel/tracing', 'fs/bpf'].map((name) => `/sys/${name}`);
      const script = [
        'id -u; ip -br link show lo; hostname; ulimit -n',
        `for d in ${mounts.join(' ')} /dev/shm; do mountpoint $d; done`,
        'touch /etc/x /usr/x /tmp/x && echo writable',
        'test -e /boot/config-$(uname -r) && echo config',
        'modprobe veth && echo veth; ls /dev/fd/0',
      ].join('\n');
      const { stdout } = await capture(machine, ['sh', '-c', script]);
      const lines = stdout.toString().trim().split('\n');
      expect(lines[0]).toBe('0');
      expect(lines[1]).toMatch(/^lo .*LOWER_UP/);
      expect(lines[2]).toBe('multitap');
      expect(Number(lines[3])).toBeGreaterThanOrEqual(4096);
      expect(lines.filter((line) => line.endsWith('is a mountpoint'))).toHaveLength(5);
      expect(lines.slice(-4)).toEqual(['writable', 'config', 'veth', '/dev/fd/0']);
    });

    it('sees nothing of the host', async () => {
      const paths = [dirname(import.meta.dirname), prepared.kernel.dir, dirname(machine.console.path)];
      const script = `ls -d ${paths.join(' ')} 2>/dev/null; ip -br link | cut -d" " -f1; cat /proc/1/mountinfo`;
      const { stdout } = await capture(machine, ['sh', '-c', script]);
      expect(stdout.toString()).toMatch(/^lo *\n\d/);
      for (const path of paths) expect(stdout.toString()).not.toContain(path);
    });

    it('cuts the kernel’s words of one program out of the console', async () => {
      const since = machine.console.position;
      const argv = ['sh', '-c', 'echo "<4>a word from the test" > /dev/kmsg'];
      const execution = machine.exec({ argv, mark: true });
      await execution.exit;
      const said = (await machine.console.during(execution.marks, since)).toString();
      expect(said).toContain('a word from the test');
      expect(said).not.toContain('multitap: begin');
    });

    it('tells its surroundings, and what has changed in them', async () => {
      const before = await machine.surroundings(60_000);
      const script =
        'ip netns add left; ip link add left0 type veth; mount -t tmpfs tmpfs /mnt; sysctl -qw kernel.panic=5';
      expect(await capture(machine, ['sh', '-c', script])).toMatchObject({ code: 0 });
      const after = await machine.surroundings(60_000);
      expect(before.links).toContainEqual(expect.stringMatching(/^lo up/));
      expect(after.namespaces.filter((name) => !before.namespaces.includes(name))).toEqual(['left']);
      expect(after.links.filter((name) => !before.links.includes(name))).toEqual(
        expect.arrayContaining([expect.stringMatching(/^left0/)]),
      );
      expect(after.mounts).toContain('tmpfs /mnt');
      expect(after.modules).toContain('veth');
      expect(after.sysctls['kernel/panic']).toBe('5');
      expect(after.taint).toBe(before.taint);
      const undo = 'ip netns del left; ip link del left0; umount /mnt; sysctl -qw kernel.panic=-1';
      await capture(machine, ['sh', '-c', undo]);
    });

    it('gives files out', async () => {
      const into = await folderForTest('out');
      const script = 'mkdir -p /tmp/out/deep; cat > /tmp/out/deep/bytes; ln -s deep/bytes /tmp/out/link';
      await capture(machine, ['sh', '-c', script], {}, BYTES);
      const copied = await copyOut(machine, prepared.rootfs, '/tmp/out', into);
      expect(copied).toMatchObject({ path: join(into, 'out'), files: 1, bytes: BYTES.length, left: [] });
      expect((await readFile(join(into, 'out/link'))).equals(BYTES)).toBe(true);
    });

    it('is found alive, in a moment', async () => {
      expect(await machine.ping(30_000)).toBe(true);
      expect(await machine.diagnose(60_000)).toMatchObject({ state: 'alive' });
    });
  });

  describe('its end', () => {
    it.skipIf(slow)(
      `is told as a driver’s that died where QEMU is killed, and touches no other${whySlow}`,
      async () => {
        const second = await bootSmall();
        const boots = await Promise.all(
          [machine, second].map((each) => capture(each, ['cat', '/proc/sys/kernel/random/boot_id'])),
        );
        expect(boots[0]!.stdout.toString()).not.toBe(boots[1]!.stdout.toString());
        const family = await familyOf(second.pid);
        const underWay = second.exec({ argv: ['sleep', '600'] }).exit;
        underWay.catch(() => {});
        process.kill(family.find('qemu-system-x86'), 'SIGKILL');
        await expect(underWay).rejects.toThrow(GuestGone);
        expect(await ending(second, family)).toMatchObject({ how: 'died' });
        expect(await machine.ping(30_000)).toBe(true);
      },
    );

    it('is told as a panic, with its reason, where the kernel panics', async () => {
      const family = await familyOf(machine.pid);
      const argv = ['sh', '-c', 'echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger; sleep 60'];
      await expect(machine.exec({ argv }).exit).rejects.toThrow(GuestGone);
      await machine.ended;
      expect(machine.console.tail()).toContain('Kernel panic - not syncing');
      expect(await ending(machine, family)).toEqual({
        how: 'panic',
        why: expect.stringContaining('sysrq triggered crash'),
      });
    });

    describe('on a machine of its own', () => {
      it.skipIf(slow).each<[string, string[], object]>([
        ['reboots', ['busybox', 'reboot', '-f'], { how: 'reset', why: 'the guest reset by itself' }],
        [
          'powers off',
          ['busybox', 'poweroff', '-f'],
          { how: 'reset', why: 'the guest powered off by itself' },
        ],
      ])(`is a reset where the guest %s${whySlow}`, async (_, argv, expected) => {
        const doomed = await bootSmall();
        const family = await familyOf(doomed.pid);
        await expect(doomed.exec({ argv }).exit).rejects.toThrow(GuestGone);
        expect(await ending(doomed, family)).toEqual(expected);
      });

      it.skipIf(slow)(`is none, or told, where a program kills all that it can${whySlow}`, async () => {
        const attacked = await bootSmall();
        const family = await familyOf(attacked.pid);
        const { exit } = attacked.exec({
          argv: ['bash', '-c', 'kill -9 -1; sleep 1; kill -9 1; echo still here'],
        });
        if (driver.name === 'qemu') {
          await exit;
          expect(await attacked.ping(60_000)).toBe(true);
          return;
        }
        // The agent is not the first process of virtme-ng’s guest.
        await expect(exit).rejects.toThrow(GuestGone);
        expect(await ending(attacked, family)).toEqual({
          how: 'reset',
          why: 'the guest’s agent was killed (signal 9), which ends the guest',
        });
      });

      it.skipIf(slow)(`is a stop where we asked for it${whySlow}`, async () => {
        const doomed = await bootSmall();
        const family = await familyOf(doomed.pid);
        expect(await doomed.stop(60_000)).toEqual({ how: 'stopped', why: 'powered off' });
        expect(await ending(doomed, family)).toEqual({ how: 'stopped', why: 'powered off' });
      });

      it.skipIf(slow)(`is ours where we kill it, and stays so${whySlow}`, async () => {
        const doomed = await bootSmall();
        const family = await familyOf(doomed.pid);
        expect(await doomed.kill('enough')).toEqual({ how: 'killed', why: 'enough' });
        expect(await doomed.kill('again')).toEqual({ how: 'killed', why: 'enough' });
        expect(await ending(doomed, family)).toEqual({ how: 'killed', why: 'enough' });
      });
    });
  });

  describe('a machine out of a snapshot', () => {
    const why = driver.restore
      ? ''
      : ` (${driver.name} has no snapshots: the contract leaves them to the driver)`;
    it.skipIf(!driver.restore)(`answers, is not the one before, and ends as any other${why}`, async () => {
      const options = {
        rootfs: prepared.rootfs,
        plan: { ...prepared.plan, memoryMb: MEMORY_MB },
        timeoutMs: BOOT_MS,
        onNote: () => {},
      };
      const bytes: string[] = [];
      for (let i = 0; i < 2; i++) {
        const restored = await driver.restore!(options);
        others.push(restored);
        const family = await familyOf(restored.pid);
        const { stdout } = await capture(restored, ['od', '-An', '-tx1', '-N16', '/dev/urandom']);
        bytes.push(stdout.toString());
        await restored.kill('enough');
        expect(await ending(restored, family)).toEqual({ how: 'killed', why: 'enough' });
      }
      expect(bytes[0]).not.toBe(bytes[1]);
    });
  });
});
