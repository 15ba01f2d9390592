// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Prepared } from '../runner/setup.ts';
import { groupPlace } from '../vm/limits/group-place.ts';
import { guestLimits, LimitTrouble } from '../vm/limits/limits.ts';
import type { Machine } from '../vm/machine.ts';
import { bootFailure } from '../vm/qemu/boot-failure.ts';
import { qemuCommand } from '../vm/qemu/command.ts';
import { supervise } from '../vm/qemu/supervise.ts';
import { bootGuest, capture, preparedGuest } from './support/guest.ts';
import { qemus, temporaryFolder } from './support/program.ts';

/** Size, time of the last write, and the content of the first and last MiB. */
async function seal(path: string): Promise<string> {
  const file = await open(path);
  const { size, mtimeMs } = await file.stat();
  const hash = createHash('sha256').update(`${size} ${mtimeMs}`);
  const piece = Buffer.alloc(Math.min(size, 2 ** 20));
  for (const at of [0, size - piece.length])
    hash.update((await file.read(piece, 0, piece.length, at)).buffer);
  await file.close();
  return hash.digest('hex');
}

describe('a hostile guest', () => {
  const mark = `multitap-mark-${randomBytes(8).toString('hex')}`;
  let tmp: string;
  let prepared: Prepared;
  let machine: Machine;
  let qemu: string;
  let seals: string[];

  beforeAll(async () => {
    prepared = await preparedGuest();
    tmp = await temporaryFolder('guest');
    for (const dir of [tmp, homedir()]) await writeFile(join(dir, mark), mark);
    vi.stubEnv('TMPDIR', tmp);
    vi.stubEnv('HOSTILE_TEST_SECRET', mark);
    seals = await Promise.all(prepared.plan.layers.map(seal));
    machine = await bootGuest(prepared);
    vi.unstubAllEnvs();
    const [pid, ...others] = await qemus(tmp);
    expect(others).toEqual([]);
    qemu = `/proc/${pid}`;
  });

  afterAll(async () => {
    await machine?.dispose();
    for (const path of [tmp, join(homedir(), mark)]) await rm(path, { recursive: true, force: true });
  });

  const sh = async (script: string) =>
    (await capture(machine, ['bash', '-c', script])).stdout.toString().trim();
  const status = async (pid: string) => {
    const lines = (await readFile(`${pid}/status`, 'utf8')).split('\n').map((line) => line.split(/:\s*/));
    return Object.fromEntries(lines as [string, string][]);
  };

  it('has no network, no shared folder, no device but its disks, its console, its channels and a source of chance', async () => {
    expect(await sh('ls /sys/class/net')).toBe('lo');
    expect(await sh('grep -cE " - (9p|virtiofs|nfs|fuse)" /proc/self/mountinfo')).toBe('0');
    // linux/virtio_ids.h: block, console, entropy.
    const devices = await sh('cat /sys/bus/virtio/devices/*/device | sort -u');
    expect(devices.split('\n')).toEqual(['0x0002', '0x0003', '0x0004']);
    const ports = (await sh('cat /sys/class/virtio-ports/*/name')).split('\n');
    expect(ports.filter((name) => !name.startsWith('multitap.'))).toEqual([]);
    expect(await sh('timeout 5 bash -c "echo >/dev/tcp/10.0.2.2/80" 2>&1; echo $?')).toMatch(
      /unreachable.*\n1$/s,
    );
  });

  it('sees no file of this machine', async () => {
    const own = join('/usr', mark);
    expect(await sh(`touch ${own}; find / -xdev -name '${mark}' 2>/dev/null`)).toBe(own);
    expect(await sh(`ls -d ${import.meta.dirname} ${prepared.kernel.dir} ${tmp} 2>/dev/null`)).toBe('');
    expect(
      await sh(`grep -rsl '${mark}' /run /tmp /etc /proc/cmdline /proc/1/environ /sys/firmware 2>/dev/null`),
    ).toBe('');
  });

  it('cannot write to its disks, whatever it tells its kernel', async () => {
    expect(await sh('cat /sys/block/vd*/ro | sort -u')).toBe('1');
    const scribble = (where: string) =>
      `for disk in ${where}; do blockdev --setrw $disk; dd if=/dev/urandom of=$disk bs=4096 count=1 conv=fsync && echo wrote; done 2>/dev/null`;
    expect(await sh(scribble('/tmp/file'))).toBe('wrote');
    expect(await sh(scribble('/dev/vd?'))).toBe('');
    expect(await Promise.all(prepared.plan.layers.map(seal))).toEqual(seals);
  });

  it('cannot open the channel’s device beside the agent', async () => {
    expect(await sh('for port in /dev/vport*; do cat $port 2>&1; done')).toMatch(/busy/);
    expect(await machine.ping(10_000)).toBe(true);
  });

  it('has a QEMU without rights, behind filters', async () => {
    const ours = await status(qemu);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(ours[set]).toBe('0'.repeat(16));
    expect(ours).toMatchObject({ NoNewPrivs: '1', Seccomp: '2' });
    // bubblewrap's and QEMU's own.
    expect(Number(ours.Seccomp_filters)).toBeGreaterThanOrEqual(2);
    expect(await readFile(`${qemu}/limits`, 'utf8')).toMatch(/^Max core file size +1 +1 /m);
    expect(await readFile(`${qemu}/environ`, 'utf8')).not.toContain(mark);
  });

  it('has a QEMU in namespaces of its own, without network', async () => {
    for (const name of ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'])
      expect(await readlink(`${qemu}/ns/${name}`), name).not.toBe(await readlink(`/proc/self/ns/${name}`));
    const devices = (await readFile(`${qemu}/net/dev`, 'utf8')).trim().split('\n').slice(2);
    expect(devices.map((line) => line.trim().split(':')[0])).toEqual(['lo']);
  });

  it('has a QEMU that sees of this machine what it needs, and can write to its own folder', async () => {
    await expect(stat(join(qemu, 'root', homedir(), mark))).rejects.toThrow(/ENOENT/);
    await expect(stat(join(qemu, 'root', tmp, mark))).rejects.toThrow(/ENOENT/);
    const mounts = (await readFile(`${qemu}/mountinfo`, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => {
        const [before, after] = line.split(' - ') as [string, string];
        const fields = before.split(' ');
        return { at: fields[4]!, writable: fields[5]!.split(',').includes('rw'), type: after.split(' ')[0]! };
      });
    const inMemory = ['tmpfs', 'devtmpfs', 'devpts', 'proc'];
    const writable = mounts.filter((mount) => mount.writable && !inMemory.includes(mount.type));
    for (const { at } of writable) expect(at.startsWith(`${tmp}/multitap-vm-`), at).toBe(true);
    for (const { at } of mounts.filter((mount) => mount.writable && inMemory.includes(mount.type)))
      expect(at).toMatch(/^\/(dev\/(null|zero|full|random|urandom|tty|console|pts|shm)|tmp|run|var)$/);
  });

  it('has a QEMU that can write no file larger than a guest may fill', async () => {
    const { diskBytes } = guestLimits(prepared.plan);
    expect(await readFile(`${qemu}/limits`, 'utf8')).toMatch(
      new RegExp(`^Max file size +${diskBytes} +${diskBytes} `, 'm'),
    );
  });

  it('has a QEMU in a control group of its own', async ({ skip }) => {
    skip(
      !groupPlace(),
      'this machine has no control groups of version 2 to give; test/limits-cgroup.test.ts has a guest that does',
    );
    expect(await readFile(`${qemu}/cgroup`, 'utf8')).toMatch(/^0::.*multitap-\d+-\d+/m);
  });

  it('has a QEMU that is ended, and told about, where it takes more than that', async () => {
    const { plan, rootfs } = prepared;
    const small = { ...guestLimits(plan), memoryBytes: 100 * 2 ** 20 };
    const greedy = await supervise((channels) => {
      const commandLine = qemuCommand(plan, channels);
      const readable = [plan.kernel.dir, dirname(plan.initramfs), ...plan.layers];
      return {
        commandLine,
        command: commandLine,
        sandbox: { root: rootfs.tree, readable, writable: [channels], limits: small, guest: 'QEMU' },
        meaning: () => ({ how: 'died', why: 'of something else' }),
      };
    });
    const why = 'QEMU was stopped: it used more than 100 MiB of memory';
    expect(await greedy.ended).toMatchObject({ how: 'died', why });
    expect(await bootFailure(greedy)).toBeInstanceOf(LimitTrouble);
    await greedy.dispose();
    expect(await machine.ping(30_000)).toBe(true);
  });

  it('has a QEMU with no descriptor but those for its job', async () => {
    const expected = [
      /^(socket|pipe):\[\d+\]$/,
      /^anon_inode:/,
      /^\/dev\/(null|urandom|random|kvm)$/,
      /^\/memfd:/,
    ];
    for (const fd of await readdir(`${qemu}/fd`)) {
      const target = await readlink(`${qemu}/fd/${fd}`).catch(() => null);
      if (target === null || prepared.plan.layers.includes(target)) continue;
      expect(
        expected.some((pattern) => pattern.test(target)) || target.startsWith(`${tmp}/multitap-vm-`),
        target,
      ).toBe(true);
    }
  });
});
