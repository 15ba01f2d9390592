// SPDX-License-Identifier: GPL-2.0-only
import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { dataFolder } from './data.ts';

test.each<[NodeJS.ProcessEnv, string]>([
  [{ MULTITAP_DATA: '/data', XDG_DATA_HOME: '/xdg' }, '/data'],
  [{ XDG_DATA_HOME: '/xdg' }, '/xdg/multitap'],
  [{ MULTITAP_DATA: '', XDG_DATA_HOME: '' }, `${homedir()}/.local/share/multitap`],
  [{}, `${homedir()}/.local/share/multitap`],
])('%j', (env, folder) => {
  expect(dataFolder(env)).toBe(folder);
});
