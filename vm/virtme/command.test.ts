// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../kernel/kernel.ts';
import type { GuestPlan } from '../plan.ts';
import { virtmeCommand, vngCommand, withPipe } from './command.ts';

const plan: GuestPlan = {
  kernel: { release: '6.12.1-cloud' } as Kernel,
  initramfs: '/host/initramfs',
  layers: [],
  cpus: 3,
  memoryMb: 768,
  accel: 'tcg',
};

/** What follows each `--append`. */
function appended(command: string[]): string[] {
  return command.filter((_, i) => command[i - 1] === '--append');
}

describe('vng’s command line', () => {
  it('is one that its users could write', () => {
    expect(vngCommand(plan, 'true').join(' ')).toBe(
      'vng --run 6.12.1-cloud --name multitap --cpus 3 --memory 768M --disable-kvm --exec true',
    );
  });

  it('never leaves the accelerator to virtme-ng', () => {
    expect(vngCommand({ ...plan, accel: 'kvm' }, 'true')).not.toContain('--disable-kvm');
    expect(vngCommand({ ...plan, accel: 'kvm' }, 'true')).toContain('--disable-microvm');
  });

  it('quotes the kernel’s options for the shell that vng splits them with, without their own marks', () => {
    const append = ['plain=1', 'words="two of them"', "it's", '$(reboot)'];
    expect(appended(virtmeCommand({ ...plan, append }, 0)).slice(-4)).toEqual([
      "'plain=1'",
      "'words=two of them'",
      `'it'\\''s'`,
      "'$(reboot)'",
    ]);
  });

  it('tells the guest the rate of its clock', () => {
    expect(appended(virtmeCommand({ ...plan, tscKhz: 2_400_000 }, 0))).toContain("'tsc_early_khz=2400000'");
  });

  it('hands a disk on for each layer, and no path of the host’s', () => {
    const command = virtmeCommand(plan, 2);
    const options = command.at(-1)!;
    expect(options).toMatch(/^--qemu-opts=-sandbox on,/);
    expect(options.match(/serial=layer-\d/g)).toEqual(['serial=layer-0', 'serial=layer-1']);
    expect(command.join(' ')).not.toContain('/host');
  });

  it('is run with a pipe, and its exit code is kept', () => {
    expect(withPipe(['vng', 'a b']).slice(-2)).toEqual(['vng', 'a b']);
    expect(withPipe([])[2]).toContain('exit $code');
  });
});
