// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { guestLimits } from '../limits/limits.ts';
import type { GuestPlan } from '../plan.ts';
import type { Rootfs } from '../rootfs/build.ts';
import type { SandboxOptions } from '../rootfs/sandbox.ts';

const SCRIPTS = import.meta.dirname;
/** The guest's root, as the sandbox sees it: virtiofsd shares it and nothing else. */
const GUEST = '/guest';
/** Holds virtme-ng's initramfs, and the file of the exit code, which the guest can write to without end. */
const TMP_BYTES = 256 * 2 ** 20;

/** Where the sandbox has the sockets that QEMU connects to. */
export const CHANNELS = '/run/channels';

/** Where the sandbox has the nth layer. */
export function layerPath(n: number): string {
  return `/run/layers/${n}`;
}

/** Where the guest has what virtme-ng's init is to run, and our agent. */
const GUEST_FILES = '/usr/lib/multitap';
export const START = `${GUEST_FILES}/start`;

/** The layers that are not the root file system and not the kernel's: those two virtme-ng brings in its own way. */
export function extraLayers({ layers, kernel }: GuestPlan, rootfs: Rootfs): string[] {
  return layers.filter((layer) => layer !== rootfs.image && layer !== kernel.layer);
}

export interface VirtmeSandbox {
  rootfs: Rootfs;
  plan: GuestPlan;
  /** The static binary; without it a plain virtme-ng, which needs none. */
  agent: string | null;
  /** The host's folder of the sockets. */
  channels: string | null;
}

/**
 * The sandbox in which virtme-ng finds the kernel as a distribution installs it
 * (`/boot/vmlinuz-RELEASE`, `/lib/modules/RELEASE`) and gives its guest the root file system below /guest. The host's
 * paths do not appear in it: whatever the guest's kernel asks of virtiofsd, it sees no more than this.
 */
export async function virtmeSandbox(options: VirtmeSandbox): Promise<SandboxOptions> {
  const { rootfs, plan, agent, channels } = options;
  const { kernel } = plan;
  const bind = (from: string, to: string) => ['--ro-bind', from, to];
  const mounts = [
    // virtiofsd as root drops capabilities, and gives up where it may not: that is all it can do with this one.
    '--unshare-user',
    '--cap-add',
    'CAP_SETPCAP',
    ...bind(rootfs.tree, GUEST),
    ...(await usrLib(rootfs, '/usr/lib')),
    ...bind(join(kernel.tree, 'usr/lib/modules'), '/usr/lib/modules'),
    ...(await usrLib(rootfs, `${GUEST}/usr/lib`)),
    ...bind(join(kernel.tree, 'usr/lib/modules'), `${GUEST}/usr/lib/modules`),
    ...bind(join(kernel.tree, 'boot'), `${GUEST}/boot`),
    ...bind(kernel.bzImage, `/boot/vmlinuz-${kernel.release}`),
    ...['--tmpfs', '/usr/local/bin'],
    ...bind(join(SCRIPTS, 'virtiofsd.sh'), '/usr/local/bin/virtiofsd'),
    ...['--size', String(TMP_BYTES), '--tmpfs', '/tmp'],
    ...extraLayers(plan, rootfs).flatMap((layer, n) => bind(layer, layerPath(n))),
    ...(agent
      ? [...bind(agent, `${GUEST}${GUEST_FILES}/agent`), ...bind(join(SCRIPTS, 'start.sh'), GUEST + START)]
      : []),
  ];
  return {
    root: rootfs.tree,
    writable: channels ? [{ from: channels, to: CHANNELS }] : [],
    devices: plan.accel === 'kvm' ? ['/dev/kvm'] : [],
    mounts,
    limits: guestLimits(plan),
    guest: 'virtme-ng',
  };
}

/**
 * A writable /usr/lib of the root file system's entries: the root has no folder for modules, and none can be made
 * below a read-only mount.
 */
async function usrLib({ tree }: Rootfs, at: string): Promise<string[]> {
  const from = join(tree, 'usr/lib');
  const entries = await readdir(from, { withFileTypes: true });
  const each = entries.map(async (entry) =>
    entry.isSymbolicLink()
      ? ['--symlink', await readlink(join(from, entry.name)), join(at, entry.name)]
      : ['--ro-bind', join(from, entry.name), join(at, entry.name)],
  );
  return ['--tmpfs', at, ...(await Promise.all(each)).flat()];
}
