// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../kernel/kernel.ts';
import type { GuestPlan } from '../plan.ts';
import { kernelCommandLine, qemuCommand, testedOptions } from './command.ts';

const kernel: Kernel = {
  reference: 'deb:6.12',
  release: '6.12.107+deb13-cloud-amd64',
  version: '6.12.107-1',
  upstream: '6.12.107',
  flavour: 'debian-cloud',
  arch: 'x86_64',
  configHash: '0123456789abcdef',
  dir: '/cache/kernel',
  vmlinux: '/cache/kernel/vmlinux',
  bzImage: '/cache/kernel/bzImage',
  layer: '/cache/kernel/kernel.erofs',
  tree: '/cache/kernel/tree',
  source: { name: 'linux', version: '6.12.107-1', suite: 'trixie' },
};

function plan(change: Partial<GuestPlan> = {}): GuestPlan {
  return {
    kernel,
    initramfs: '/cache/initramfs',
    layers: ['/cache/root.erofs', '/cache/kernel/kernel.erofs'],
    cpus: 2,
    memoryMb: 2048,
    accel: 'tcg',
    ...change,
  };
}

/** The values of an option that may stand several times. */
function values(command: string[], option: string): string[] {
  return command.flatMap((word, i) => (word === option ? [command[i + 1]!] : []));
}

describe('QEMU’s command line', () => {
  test('is confined, and takes nothing that was not asked for', () => {
    const command = qemuCommand(plan(), '/run/vm');
    expect(command[0]).toBe('qemu-system-x86_64');
    expect(values(command, '-sandbox')[0]).toMatch(
      /^on,.*elevateprivileges=deny,spawn=deny,resourcecontrol=deny$/,
    );
    for (const word of ['-nodefaults', '-no-user-config', '-no-reboot']) expect(command).toContain(word);
    expect(values(command, '-display')).toEqual(['none']);
    // Neither a network card nor a folder of the host.
    expect(command.join(' ')).not.toMatch(/-net|-fsdev|virtfs|virtio-9p|-monitor/);
  });

  test('has every layer as a read-only disk, in order', () => {
    const drives = values(qemuCommand(plan({ layers: ['/a', '/b', '/c'] }), '/run/vm'), '-drive');
    expect(drives.map((drive) => /id=(layer\d),file=([^,]*)/.exec(drive)!.slice(1))).toEqual([
      ['layer0', '/a'],
      ['layer1', '/b'],
      ['layer2', '/c'],
    ]);
    for (const drive of drives) expect(drive).toContain(',format=raw,readonly=on');
  });

  test('has commas in paths doubled wherever a comma would begin the next option', () => {
    const command = qemuCommand(plan({ layers: ['/a,readonly=off'] }), '/tmp/x,y');
    expect(values(command, '-drive')[0]).toContain('file=/a,,readonly=off,format=raw,readonly=on');
    expect(values(command, '-chardev')).toEqual([
      'pipe,id=console,path=/tmp/x,,y/console',
      'socket,id=control,path=/tmp/x,,y/control',
      'socket,id=monitor,path=/tmp/x,,y/monitor',
    ]);
  });

  test('keeps its memory in a file where that is asked for, and never writes to one that it goes on from', () => {
    const made = qemuCommand(plan(), '/run/vm', { dir: '/snap,shot', use: 'make' });
    expect(values(made, '-machine')).toEqual(['q35,memory-backend=memory']);
    expect(values(made, '-object')).toEqual([
      'memory-backend-file,id=memory,size=2048M,mem-path=/snap,,shot/memory,share=on',
    ]);
    expect(made).not.toContain('-incoming');
    const resumed = qemuCommand(plan(), '/run/vm', { dir: '/snapshot', use: 'resume' });
    expect(values(resumed, '-object')[0]).toMatch(/\/memory,share=off,readonly=on,rom=off$/);
    expect(values(resumed, '-incoming')).toEqual(['defer']);
    // All else is the same: QEMU takes the state of no other machine.
    const rest = (command: string[]) =>
      command.filter((word) => !/memory-backend-file|incoming|defer/.test(word));
    expect(rest(resumed)).toEqual(rest(made));
  });

  test('has console and control apart', () => {
    const command = qemuCommand(plan(), '/run/vm');
    expect(values(command, '-serial')).toEqual(['chardev:console']);
    expect(values(command, '-device')).toContain('virtserialport,chardev=control,name=multitap.control');
  });

  test('has the machine that was asked for', () => {
    const command = qemuCommand(plan({ cpus: 4, memoryMb: 512 }), '/run/vm');
    expect([values(command, '-smp'), values(command, '-m')]).toEqual([['4'], ['512M']]);
    expect(values(command, '-kernel')).toEqual([kernel.vmlinux]);
    expect(values(command, '-initrd')).toEqual(['/cache/initramfs']);
    expect(values(qemuCommand(plan({ accel: 'kvm' }), '/'), '-accel')).toEqual(['kvm']);
    expect(values(qemuCommand(plan({ accel: 'kvm' }), '/'), '-cpu')).toEqual(['host']);
    expect(values(command, '-accel')).toEqual(['tcg,thread=multi']);
  });
});

describe('the kernel’s command line', () => {
  test('ends a panic at once and keeps marks from being rate-limited', () => {
    expect(kernelCommandLine(plan())).toEqual(
      expect.arrayContaining(['console=ttyS0', 'panic=-1', 'printk.devkmsg=on']),
    );
  });

  test('lets a guest that hangs be asked, whatever a test has set', () => {
    for (const accel of ['tcg', 'kvm'] as const)
      expect(kernelCommandLine(plan({ accel }))).toContain('sysrq_always_enabled');
    // With real performance counters this interrupt may come from elsewhere.
    expect(kernelCommandLine(plan({ accel: 'tcg' }))).toContain('unknown_nmi_panic');
    expect(kernelCommandLine(plan({ accel: 'kvm' }))).not.toContain('unknown_nmi_panic');
  });

  test('tells an emulated guest the rate of its clock, and trusts none that it has to find out', () => {
    expect(kernelCommandLine(plan({ tscKhz: 2_400_000 }))).toEqual(
      expect.arrayContaining(['tsc=reliable', 'tsc_early_khz=2400000']),
    );
    for (const change of [{}, { tscKhz: null }])
      expect(kernelCommandLine(plan(change)).join(' ')).not.toContain('tsc');
    const kvm = kernelCommandLine(plan({ accel: 'kvm', tscKhz: 2_400_000 })).join(' ');
    expect(kvm).toContain(' tsc=reliable ');
    expect(kvm).not.toContain('tsc_early_khz');
  });

  test('is one word for QEMU, with what was appended last', () => {
    const command = qemuCommand(plan({ append: ['kmemleak=on', 'panic_on_warn=1'] }), '/run/vm');
    const [line] = values(command, '-append');
    expect(line).toMatch(/ kmemleak=on panic_on_warn=1$/);
    expect(line!.split(' ')).toEqual(kernelCommandLine(plan({ append: ['kmemleak=on', 'panic_on_warn=1'] })));
  });

  test('holds every option that the variant tells', () => {
    for (const accel of ['tcg', 'kvm'] as const)
      expect(kernelCommandLine(plan({ accel }))).toEqual(expect.arrayContaining(testedOptions(accel)));
    expect(testedOptions('tcg')).toEqual(['mitigations=off']);
    expect(kernelCommandLine(plan({ accel: 'kvm' }))).not.toContain('mitigations=off');
  });
});
