// SPDX-License-Identifier: GPL-2.0-only
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunDetail } from '../../../results/store/types.ts';
import { type TestSite, testSite } from '../../testing/app.ts';
import { fillSample } from '../../testing/sample.ts';
import { unsafeParts } from '../../testing/unsafe.ts';

let site: TestSite;
let run: RunDetail;

beforeAll(async () => {
  site = await testSite(fillSample);
  run = (await site.store.run(26))!;
});
afterAll(() => site.close());

const seriesOf = (name: string) => run.results.find((each) => each.name === name)!.series;
const page = async (path: string) => (await request(site.app).get(path)).text;

test('shows every run as a cell with a glyph, newest first', async () => {
  const html = await page(`/t/${seriesOf('mptcp_join.sh')}`);
  expect(unsafeParts(html)).toEqual([]);
  const cells = [...html.matchAll(/<li><a class="o-(\w+)" href="\/r\/(\d+)#t\d+"/g)];
  expect(cells).toHaveLength(26);
  expect(cells[0]![2]).toBe('26');
  expect(cells.filter((cell) => cell[1] === 'timeout').map((cell) => cell[2])).toEqual(['12']);
  expect(html).toContain('96.2 %');
});

test('draws durations without inline styles', async () => {
  const html = await page(`/t/${seriesOf('mptcp_join.sh')}`);
  expect(html.match(/<rect class="o-\w+" x="[\d.]+" y="[\d.]+" width="18" height="[\d.]+">/g)).toHaveLength(
    26,
  );
});

test('puts the subtests that fail most first', async () => {
  const html = await page(`/t/${seriesOf('diag.sh')}`);
  const table = html.slice(html.indexOf('id="subtests"'));
  const first = /<th scope="row" class="c-name"><a href="\/t\/(\d+)">([^<]+)</.exec(table)!;
  expect(first[2]).toBe('....chk many cestab');
  const subtest = await page(`/t/${first[1]}`);
  expect(subtest).toContain('expected 200 found 0');
  expect(subtest).toMatch(/href="\/log\/[0-9a-f]{64}#L26"/);
  expect(subtest).toContain(`href="/t/${seriesOf('diag.sh')}"`);
});

test('names the same test on other branches', async () => {
  const html = await page(`/t/${seriesOf('diag.sh')}`);
  expect(html.slice(html.indexOf('id="elsewhere"'))).toContain('debian/trixie-backports');
});

test('?limit= bounds the points and offers the rest', async () => {
  const series = seriesOf('diag.sh');
  const { body } = await request(site.app).get(`/t/${series}.json?limit=5`);
  expect(body.points).toHaveLength(5);
  expect(await page(`/t/${series}?limit=5`)).toMatch(/limit&#x3D;25">Older runs/);
  expect(await page(`/t/${series}`)).not.toContain('Older runs');
  for (const limit of ['0', '-1', 'x', '999999', '99999999999']) {
    expect((await request(site.app).get(`/t/${series}?limit=${limit}`)).status).toBe(200);
  }
});

test('has its JSON twin', async () => {
  const series = seriesOf('diag.sh');
  const { body } = await request(site.app).get(`/t/${series}.json`);
  const history = await site.store.history(series, 100);
  expect(body).toEqual(JSON.parse(JSON.stringify({ ...history, limit: 100 })));
});

test.each(['0', '99999', 'x', '-1', '1.5', '9'.repeat(400), '%00'])('nothing at %s is a 404', async (id) => {
  const { status, text } = await request(site.app).get(`/t/${id}`);
  expect(status).toBe(404);
  expect(text).toContain('/t/ and the number');
});
