// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageTrouble } from '../trouble.ts';
import { parseDebReference, parseKernelReference, usualSuites } from './reference.ts';

function refusal(text: string): string {
  try {
    parseKernelReference(text);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageTrouble);
    return (error as Error).message;
  }
  throw new Error(`${text} was taken`);
}

describe('understood', () => {
  test.each([
    ['deb:6.12', 'deb', null, '6.12'],
    ['deb:6.1', 'deb', null, '6.1'],
    ['deb:6.12.107', 'deb', null, '6.12.107'],
    ['deb:trixie-backports/7.3', 'deb', 'trixie-backports', '7.3'],
    ['deb:sid/10.0.1', 'deb', 'sid', '10.0.1'],
    ['source:6.12', 'source', null, '6.12'],
    ['source:trixie-backports/7.3.4', 'source', 'trixie-backports', '7.3.4'],
  ])('%s', (text, kind, suite, version) => {
    expect(parseKernelReference(text)).toEqual({ kind, suite, version });
  });

  test.each([
    ['image:bzImage', 'bzImage', null, null],
    ['image:/boot/vmlinuz-6.12:a', '/boot/vmlinuz-6.12:a', null, null],
    ['image:b,modules=lib/modules/6.12.0', 'b', 'lib/modules/6.12.0', null],
    ['image:b,config=a=b,modules=m', 'b', 'm', 'a=b'],
  ])('%s', (text, bzImage, modules, config) => {
    expect(parseKernelReference(text)).toEqual({ kind: 'image', bzImage, modules, config });
  });

  test('every usual suite may be named', () => {
    for (const suite of usualSuites) expect(parseDebReference(`deb:${suite}/6.1`, '').suite).toBe(suite);
  });
});

describe('refused, with an example', () => {
  test.each([
    '',
    'deb:',
    'deb:6',
    'deb:trixie/',
    'deb:/6.12',
    'deb: 6.12',
    'deb:6.12\n',
    'DEB:6.12',
    'latest',
  ])('%j', (text) => {
    expect(refusal(text)).toMatch(
      /is not a kernel reference\.\nExpected: deb:\[SUITE\/\]VERSION, source:.*, such as deb:6\.12/,
    );
  });

  test.each(['deb:../../etc/6.12', 'deb:a b/6.12', 'deb:trixie main\ndeb http://x/6.12', 'deb:TRIXIE/6.12'])(
    'a suite that would reach into paths or sources.list: %j',
    (text) => {
      refusal(text);
    },
  );

  test('a version alone is what was meant', () => {
    expect(refusal('6.12')).toMatch(/Do: did you mean deb:6\.12\?$/);
    expect(refusal('v6.12.3-rc1')).toMatch(/did you mean deb:6\.12\.3\?$/);
    expect(refusal('debian')).toMatch(/Do: multitap kernel list$/);
  });

  test('what a later version will know is told apart from nonsense', () => {
    expect(refusal('git:https://example.org/linux@main')).toContain('does not know git');
  });

  test.each([
    'image:',
    'image:,config=c',
    'image:b,',
    'image:b,modules',
    'image:b,modules=',
    'image:b,selftests=s',
    'image:b,config=c,config=d',
    'image:b\0c',
  ])('an image that is none: %j', (text) => {
    expect(refusal(text)).toContain('image:BZIMAGE[,modules=FOLDER][,config=FILE]');
  });

  test('what is not Debian’s, where only that will do', () => {
    expect(() => parseDebReference('source:6.12', 'Only packages have this.')).toThrow(
      'source:6.12: Only packages have this.\nExpected: deb:[SUITE/]VERSION',
    );
  });

  test('any text is understood or refused as usage', () => {
    const near = fc.array(
      fc.constantFrom('deb:', 'source:', 'sid', '/', '6', '.', '12', '-', ' ', '\n', 'git:'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const reference = parseKernelReference(text);
            if (reference.kind === 'image') return;
            const { kind, suite, version } = reference;
            expect(`${kind}:${suite === null ? '' : `${suite}/`}${version}`).toBe(text);
          } catch (error) {
            expect(error).toBeInstanceOf(UsageTrouble);
          }
        },
      ),
    );
  });
});
