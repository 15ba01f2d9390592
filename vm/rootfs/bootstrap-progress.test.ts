// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { bootstrapProgress } from './bootstrap-progress.ts';

test('follows stages, downloads and packages', () => {
  // As mmdebstrap 1.3.5 with apt 2.6 says it, the mirror's name changed.
  const follow = bootstrapProgress();
  const said = [
    'I: running apt-get update...',
    'Get:1 http://mirror/debian trixie InRelease [140 kB]',
    'I: downloading packages with apt...',
    'Need to get 25.4 MB of archives.',
    'Get:1 http://mirror/debian trixie/main amd64 gcc-14-base amd64 14.2.0-19 [49.4 kB]',
    'Get:2 http://mirror/debian trixie/main amd64 libc6 amd64 2.41-12+deb13u4 [2847 kB]',
    'Selecting previously unselected package libc6:amd64.',
    'Unpacking libc6:amd64 (2.41-12+deb13u4) ...',
    'Setting up libc6:amd64 (2.41-12+deb13u4) ...',
  ].map(follow);
  const downloading = { text: 'downloading packages', total: 25.4e6, unit: 'bytes' };
  expect(said).toEqual([
    { text: 'running apt-get update...' },
    null,
    { text: 'downloading packages with apt...' },
    { ...downloading, done: 0 },
    { ...downloading, done: 49.4e3 },
    { ...downloading, done: expect.closeTo(2_896_400) },
    null,
    { text: 'unpacking libc6' },
    { text: 'setting up libc6' },
  ]);
});
