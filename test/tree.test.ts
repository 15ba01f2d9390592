// SPDX-License-Identifier: GPL-2.0-only

import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './support/program.ts';

const sources = globSync('{bin,vm,runner,results,dashboard,test,script,.ci,.github}/**/*', {
  cwd: root,
  withFileTypes: true,
})
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  .filter(
    (path) =>
      !path.includes('/fixtures/') &&
      (/\.(ts|js|cjs|css|c|h|sh|yml)$/.test(path) || /^(script|\.ci)\/\w+$/.test(path)),
  );

it('finds the sources', () => {
  expect(sources.length).toBeGreaterThan(150);
});

it.each(sources)('%s names its licence', async (path) => {
  const head = (await readFile(join(root, path), 'utf8')).split('\n').slice(0, 2).join('\n');
  expect(head).toContain('SPDX-License-Identifier: GPL-2.0-only');
});
