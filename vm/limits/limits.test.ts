// SPDX-License-Identifier: GPL-2.0-only
import { totalmem } from 'node:os';
import { describe, expect, test } from 'vitest';
import { UsageTrouble } from '../trouble.ts';
import { buildLimits, guestLimits, LimitTrouble, parseLimits } from './limits.ts';

const GIB = 2 ** 30;

describe('MULTITAP_LIMITS', () => {
  test('is read with its units', () => {
    expect(parseLimits('')).toEqual({});
    expect(parseLimits('memory=1.5G, processes=100,disk=512M,cpu=90m,wall=6h,output=none')).toEqual({
      memoryBytes: 1.5 * GIB,
      processes: 100,
      diskBytes: GIB / 2,
      cpuSeconds: 5400,
      wallMs: 6 * 3_600_000,
      outputBytes: Number.POSITIVE_INFINITY,
    });
  });

  test.each([
    'memory',
    'memory=',
    'memory=8',
    'memory=0G',
    'memory=-1G',
    'memory=8T',
    'wall=5',
    'processes=5s',
    'speed=3',
    'constructor=1G',
    'memory=noneG',
  ])('%s is refused, with what was expected', (text) => {
    expect(() => parseLimits(text)).toThrow(UsageTrouble);
    expect(() => parseLimits(text)).toThrow(/Expected: memory=NM\|G, processes=N, .* or none/);
  });

  test('changes single limits of builds', () => {
    const usual = buildLimits({});
    expect(buildLimits({ MULTITAP_LIMITS: 'memory=99G' })).toEqual({ ...usual, memoryBytes: 99 * GIB });
    expect(usual.memoryBytes).toBeLessThan(totalmem());
    expect(usual.cpuSeconds).toBe(Number.POSITIVE_INFINITY);
  });
});

test('a guest has room for its memory and QEMU', () => {
  const limits = guestLimits({ memoryMb: 2048, cpus: 4, accel: 'tcg' });
  expect(limits.memoryBytes).toBe(4 * GIB);
  expect(limits.processes).toBe(260);
  expect(limits.cpus).toBe(5);
  expect(guestLimits({ memoryMb: 2048, cpus: 4, accel: 'kvm' }).memoryBytes).toBe(3 * GIB);
});

describe('what is told', () => {
  test.each([
    ['memoryBytes', 4 * GIB, 'it used more than 4 GiB of memory', 'memory'],
    ['memoryBytes', 1.5 * GIB, 'it used more than 1.5 GiB of memory', 'memory'],
    ['memoryBytes', GIB / 2, 'it used more than 512 MiB of memory', 'memory'],
    ['processes', 4096, 'it had more than 4096 processes and threads at one time', 'processes'],
    ['diskBytes', 32 * GIB, 'it wrote more than 32 GiB to the disk', 'disk'],
    ['cpuSeconds', 90, 'it used more than 90 s of CPU time', 'cpu'],
    ['wallMs', 7_200_000, 'it took longer than 2 h', 'wall'],
    ['wallMs', 600_000, 'it took longer than 10 min', 'wall'],
    ['outputBytes', GIB, 'it printed more than 1 GiB', 'output'],
  ] as const)('%s of %d', (limit, value, words, name) => {
    const trouble = new LimitTrouble({ command: ['make', '-j2'], limit, value });
    expect(trouble.parts.happened).toBe(`make -j2 was stopped: ${words}.`);
    expect(trouble.parts.next).toContain(`MULTITAP_LIMITS=${name}=`);
    expect(trouble).toMatchObject({ limit, name: 'LimitTrouble' });
  });

  test('speaks of a guest as of a guest, which no limit of builds is of use to', () => {
    const trouble = new LimitTrouble({
      command: ['qemu-system-x86_64', '-name'],
      guest: 'QEMU',
      limit: 'memoryBytes',
      value: GIB,
    });
    expect(trouble.parts.happened).toBe('QEMU was stopped: it used more than 1 GiB of memory.');
    expect(trouble.parts.next).toContain('--memory');
    expect(trouble.message).not.toMatch(/MULTITAP_LIMITS|built/);
  });

  test('names what the machine ran out of, and cuts long commands', () => {
    const trouble = new LimitTrouble({
      command: ['sh', '-c', `a\nb${'c'.repeat(500)}`],
      limit: 'diskBytes',
      value: 1,
      hostLow: 'the disk of /x is nearly full',
    });
    expect(trouble.parts.happened).toMatch(/^sh -c a bc{70}… was stopped: the disk of \/x is nearly full\.$/);
    expect(trouble.parts.next).not.toContain('MULTITAP_LIMITS');
  });
});
