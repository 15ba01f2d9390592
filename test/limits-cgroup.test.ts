// SPDX-License-Identifier: GPL-2.0-only
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Machine } from '../vm/machine.ts';
import { inSandbox } from '../vm/rootfs/sandbox.ts';
import { bootGuest, capture, preparedGuest } from './support/guest.ts';
import { root, temporaryFolder } from './support/program.ts';
import { all, whyNot } from './support/slow.ts';

const HOME = '/opt/multitap';

/** Run in the guest by Node: one sandbox with limits, told as JSON. */
const script = `
import { readdirSync } from 'node:fs';
import { findGroups, groupPlace } from '${HOME}/vm/limits/group-place.ts';
import { inSandbox } from '${HOME}/vm/rootfs/sandbox.ts';
await findGroups();
const [command, limits] = JSON.parse(process.argv[2]);
const began = performance.now();
const result = await inSandbox({ root: '/', limits }, ['bash', '-c', command], { reject: false }).then(
  ({ exitCode, stdout }) => ({ exitCode, stdout }),
  ({ name, limit, message }) => ({ name, limit, message }),
);
const { kind, path: place } = groupPlace() ?? { kind: null, path: null };
const left = kind === 'folder' ? readdirSync(place).filter((name) => name.startsWith('multitap-')) : [];
console.log(JSON.stringify({ place, left, ms: performance.now() - began, ...result }));
`;

/**
 * Run in the guest by Node: a QEMU of our driver, with a kernel that comes up as slowly as one does in a guest of a
 * guest. While it does, its group is looked at, and made smaller than what QEMU takes.
 */
const nested = `
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findGroups, groupPlace } from '${HOME}/vm/limits/group-place.ts';
import { bootQemu } from '${HOME}/vm/qemu/machine.ts';
await findGroups();
const place = groupPlace().path;
const groups = () => readdirSync(place).filter((name) => name.startsWith('multitap-'));
const kernel = { dir: '${HOME}/kernel', vmlinux: '${HOME}/kernel/vmlinux' };
const plan = { kernel, initramfs: '${HOME}/kernel/initramfs', layers: [], cpus: 1, memoryMb: 256, accel: 'tcg' };
let over = false;
const booting = bootQemu({ rootfs: { tree: '/' }, plan, timeoutMs: 300_000 })
  .then(() => ({ name: 'it booted' }), ({ name, limit, message }) => ({ name, limit, message }))
  .finally(() => { over = true; });
const found = {};
// Programs' pages would only be read again and again; its own, with the kernel's image among them, have nowhere to go.
for (; !over && !(found.own > 2 ** 25); await sleep(50)) {
  const [group] = groups();
  if (!group) continue;
  const read = (file) => readFileSync(place + '/' + group + '/' + file, 'utf8').trim();
  for (const file of ['memory.max', 'pids.max', 'cpu.max']) found[file] = read(file);
  found.own = Number(/^anon (\\d+)/m.exec(read('memory.stat'))[1]);
  found.processes = read('cgroup.procs').split('\\n').filter((pid) => existsSync('/proc/' + pid + '/comm'))
    .map((pid) => readFileSync('/proc/' + pid + '/comm', 'utf8').trim());
}
if (!over) writeFileSync(place + '/' + groups()[0] + '/memory.max', '16M');
console.log(JSON.stringify({ ...found, ...(await booting), left: groups(), folders: readdirSync('/tmp/nested') }));
`;

/** Packages that a package needs, with itself. */
async function closure(name: string): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const found = new Set<string>();
  const add = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const needed of Object.keys(lock.packages[`node_modules/${name}`].dependencies ?? {})) add(needed);
  };
  add(name);
  return [...found];
}

/** Most machines that this runs on keep the memory controller to themselves; a guest has all of them to give. */
describe('limits held by control groups, in a guest that has them', () => {
  let dir: string;
  let machine: Machine;

  beforeAll(async () => {
    dir = await temporaryFolder('cgroup');
    const home = join(dir, 'layer', HOME);
    await mkdir(home, { recursive: true });
    await cp(process.execPath, join(home, 'node'));
    await cp(join(root, 'package.json'), join(home, 'package.json'));
    await cp(join(root, 'vm'), join(home, 'vm'), { recursive: true });
    for (const name of await closure('execa'))
      await cp(join(root, 'node_modules', name), join(home, 'node_modules', name), { recursive: true });
    await writeFile(join(home, 'sandbox.mjs'), script);
    await writeFile(join(home, 'nested.mjs'), nested);
    const prepared = await preparedGuest();
    await mkdir(join(home, 'kernel'));
    await cp(prepared.kernel.vmlinux, join(home, 'kernel/vmlinux'));
    await cp(prepared.plan.initramfs, join(home, 'kernel/initramfs'));
    const layer = join(dir, 'own.erofs');
    const make = ['mkfs.erofs', '-d1', '--all-root', layer, join(dir, 'layer')];
    await inSandbox({ root: prepared.rootfs.tree, writable: [dir] }, make);
    const plan = { ...prepared.plan, layers: [...prepared.plan.layers, layer] };
    machine = await bootGuest({ ...prepared, plan });
  });

  afterAll(async () => {
    await machine?.dispose();
    await rm(dir, { recursive: true, force: true });
  });

  async function run(command: string, limits: object, before: string[] = []) {
    const argv = [...before, `${HOME}/node`, `${HOME}/sandbox.mjs`, JSON.stringify([command, limits])];
    const { stdout, stderr } = await capture(machine, argv, {
      env: { PATH: '/usr/sbin:/usr/bin', HOME: '/tmp', MULTITAP_CACHE: `/tmp/cache${before.length}` },
    });
    if (!stdout.length) throw new Error(stderr.toString());
    return JSON.parse(stdout.toString());
  }

  const MEMORY = { memoryBytes: 96 * 2 ** 20 };
  const eats = 'python3 -c "x = bytearray(2**29)"; sleep 100';

  it('ends a build that takes too much memory, at once and all of it', async () => {
    expect(await run(eats, MEMORY)).toMatchObject({
      place: '/sys/fs/cgroup/multitap',
      left: [],
      name: 'LimitTrouble',
      limit: 'memoryBytes',
      message: expect.stringContaining('more than 96 MiB of memory'),
    });
  });

  it('counts what lies in memory as files', async () => {
    // No process has it: only the control group knows.
    const files =
      'head -c 40M /dev/zero >/tmp/1; head -c 40M /dev/zero >/dev/shm/2; head -c 20M /dev/zero >/run/3; echo survived';
    expect(await run(files, MEMORY)).toMatchObject({ limit: 'memoryBytes' });
  });

  it('holds a fork bomb', async () => {
    expect(await run(':() { : | : & }; : ; sleep 100', { processes: 50 })).toMatchObject({
      left: [],
      name: 'LimitTrouble',
      limit: 'processes',
    });
    expect(await machine.ping(30_000)).toBe(true);
  });

  it('leaves others alone', async () => {
    expect(await run('echo well; exit 3', MEMORY)).toMatchObject({ exitCode: 3, stdout: 'well', left: [] });
  });

  it('holds a guest’s QEMU, and tells where it was killed for its memory', async () => {
    const argv = ['sh', '-c', 'mkdir /tmp/nested; exec "$@"', 'sh', `${HOME}/node`, `${HOME}/nested.mjs`];
    const { stdout, stderr } = await capture(machine, argv, {
      env: { PATH: '/usr/sbin:/usr/bin', HOME: '/tmp', MULTITAP_CACHE: '/tmp/cache0', TMPDIR: '/tmp/nested' },
    });
    expect(stderr.toString()).toBe('');
    expect(JSON.parse(stdout.toString())).toEqual({
      own: expect.any(Number),
      // guestLimits: its memory and 2 GiB for QEMU under TCG, a processor more than it has.
      'memory.max': String((256 + 2048) * 2 ** 20),
      'pids.max': '257',
      'cpu.max': '200000 100000',
      processes: expect.arrayContaining(['bwrap', 'qemu-system-x86']),
      name: 'LimitTrouble',
      limit: 'memoryBytes',
      message: expect.stringMatching(
        /^QEMU was stopped: it used more than 2\.3 GiB of memory\.\n.*--memory/s,
      ),
      left: [],
      folders: [],
    });
    expect(await machine.ping(30_000)).toBe(true);
  });

  it('removes the groups of a runner that was killed', async () => {
    const place = '/sys/fs/cgroup/multitap';
    await capture(machine, ['mkdir', `${place}/multitap-999999-0`]);
    expect(await run('true', {})).toMatchObject({ exitCode: 0, left: [] });
  });

  describe('for an ordinary user', () => {
    const user = ['setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups'];

    it('uses the group above, where it is his', async () => {
      const join =
        'd=/sys/fs/cgroup/his; mkdir -p $d/own && chown -R 1000:1000 $d && echo 0 >$d/own/cgroup.procs && exec "$@"';
      const enter = ['sh', '-c', join, 'sh', ...user];
      await capture(machine, ['sh', '-c', 'echo +memory +pids >/sys/fs/cgroup/cgroup.subtree_control']);
      expect(await run(eats, MEMORY, enter)).toMatchObject({
        place: '/sys/fs/cgroup/his',
        left: [],
        limit: 'memoryBytes',
      });
    });

    it.skipIf(!all)(
      `does without where there is none: by looking, and by his name space’s limit of processes${whyNot()}`,
      async () => {
        expect(await run(eats, MEMORY, user)).toMatchObject({ place: null, limit: 'memoryBytes' });
        const bomb = ':() { : | : & }; : ; sleep 3; ps -eL --no-headers | wc -l';
        // Either it is seen, or what it wants is not had.
        const { limit, stdout } = await run(bomb, { processes: 50 }, user);
        if (limit) expect(limit).toBe('processes');
        else expect(Number(stdout)).toBeLessThanOrEqual(50);
      },
    );
  });
});
