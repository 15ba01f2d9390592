// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { parseWhole } from '../registry.ts';
import { allTests, recordings } from '../testing.ts';
import { tap } from './index.ts';

const files = recordings('tap').filter(({ name }) => name.endsWith('.tap'));

test('there are recordings', (ctx) => {
  if (files.length === 0) ctx.skip('no recordings in ../shared/data/tap beside the checkout');
  expect(files.length).toBeGreaterThan(0);
});

test.each(files)('$name: as many results as an independent count finds', ({ bytes }) => {
  const counted = bytes.toString().match(/^(?:# )*[ \t]*(?:not )?ok \d+(?= |$)/gm) ?? [];
  const reported = allTests(parseWhole(tap, bytes).tests).filter(({ outcome }) => outcome !== 'missing');
  expect(reported.length).toBe(counted.length);
  const failed = bytes.toString().match(/^(?:# )*[ \t]*not ok \d+/gm) ?? [];
  expect(reported.filter(({ outcome }) => outcome === 'fail' || outcome === 'timeout').length).toBe(
    failed.length,
  );
});
