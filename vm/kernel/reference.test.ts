// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageTrouble } from '../trouble.ts';
import { parseKernelReference, usualSuites } from './reference.ts';

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
    ['deb:6.12', null, '6.12'],
    ['deb:6.1', null, '6.1'],
    ['deb:6.12.107', null, '6.12.107'],
    ['deb:trixie-backports/7.3', 'trixie-backports', '7.3'],
    ['deb:sid/10.0.1', 'sid', '10.0.1'],
  ])('%s', (text, suite, version) => {
    expect(parseKernelReference(text)).toEqual({ kind: 'deb', suite, version });
  });

  test('every usual suite may be named', () => {
    for (const suite of usualSuites) expect(parseKernelReference(`deb:${suite}/6.1`).suite).toBe(suite);
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
      /is not a kernel reference\.\nExpected: deb:\[SUITE\/\]VERSION, such as deb:6\.12/,
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
    expect(refusal('git:https://example.org/linux@main')).toContain('knows Debian’s kernels only');
    expect(refusal('image:bzImage')).toContain('knows Debian’s kernels only');
  });

  test('any text is understood or refused as usage', () => {
    const near = fc.array(fc.constantFrom('deb:', 'sid', '/', '6', '.', '12', '-', ' ', '\n', 'git:'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const { suite, version } = parseKernelReference(text);
            expect(`deb:${suite === null ? '' : `${suite}/`}${version}`).toBe(text);
          } catch (error) {
            expect(error).toBeInstanceOf(UsageTrouble);
          }
        },
      ),
    );
  });
});
