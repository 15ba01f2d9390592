// SPDX-License-Identifier: GPL-2.0-only
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestSite, testSite } from '../../testing/app.ts';
import { fillSample } from '../../testing/sample.ts';
import { unsafeParts } from '../../testing/unsafe.ts';

let site: TestSite;

beforeAll(async () => {
  site = await testSite(fillSample);
});
afterAll(() => site.close());

test('tells how to start where there are no results', async () => {
  const empty = await testSite();
  const { status, text } = await request(empty.app).get('/');
  expect(status).toBe(200);
  expect(text).toContain('multitap run mptcp --kernel deb:6.12');
  expect((await request(empty.app).get('/.json')).body).toEqual({ branch: null, branches: [], before: null });
  await empty.close();
});

test('shows each branch with its latest runs, newest first', async () => {
  const { text } = await request(site.app).get('/');
  expect(unsafeParts(text)).toEqual([]);
  expect(text.indexOf('debian/trixie-backports')).toBeLessThan(text.indexOf('debian/6.12'));
  expect(text.match(/<tr data-stop>/g)).toHaveLength(13);
  const ids = [...text.matchAll(/href="\/r\/(\d+)"/g)].map((match) => Number(match[1]));
  expect(ids).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17]);
});

test('gives every count its glyph and its word', async () => {
  const { text } = await request(site.app).get('/');
  expect(text).toContain('☠');
  expect(text).toContain('running, failing');
  expect(text).toContain('stopped by Ctrl-C after 1 of 6 tests');
  expect(text).toContain('title="2026-11-22 11:54:00 UTC">6 min ago</time>');
});

test('reloads itself only while something runs', async () => {
  expect((await request(site.app).get('/')).text).toContain('http-equiv="refresh"');
  const quiet = await request(site.app).get('/').query({ branch: 'debian/6.12' });
  expect(quiet.text).not.toContain('http-equiv="refresh"');
});

test('one branch goes as far back as it goes', async () => {
  const { text } = await request(site.app).get('/').query({ branch: 'debian/6.12' });
  expect(text.match(/<tr data-stop>/g)).toHaveLength(26);
  const older = await request(site.app).get('/.json').query({ branch: 'debian/6.12', before: '4' });
  expect(older.body.branches[0].runs.map((run: { id: number }) => run.id)).toEqual([3, 2, 1]);
});

test('an unknown branch is told with the known ones', async () => {
  const { status, text } = await request(site.app).get('/').query({ branch: 'net-nxt' });
  expect(status).toBe(404);
  expect(text).toContain('debian/6.12');
});

test('nonsense in the filters is no error', async () => {
  for (const query of ['branch=&before=x', 'branch=debian/6.12&before=-1', 'branch=debian/6.12&branch=x']) {
    expect((await request(site.app).get(`/?${query}`)).status).toBe(200);
  }
});

test('has its JSON twin', async () => {
  const { body, headers } = await request(site.app).get('/.json');
  expect(headers['content-type']).toContain('application/json');
  expect(body.branches[0].runs[0]).toMatchObject({ id: 29, state: 'running', plannedTests: 6 });
  const other = await request(site.app).get('/index.json?branch=a');
  expect([other.status, other.headers.location]).toEqual([308, '/.json?branch=a']);
});
