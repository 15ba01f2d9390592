// SPDX-License-Identifier: GPL-2.0-only
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestSite, testSite } from '../../testing/app.ts';
import { fillHostile, hostileUuid } from '../../testing/hostile.ts';
import { fillSample, sampleNow, start } from '../../testing/sample.ts';
import { report } from '../../testing/tests.ts';
import { unsafeParts } from '../../testing/unsafe.ts';

let site: TestSite;
const page = async (path: string) => (await request(site.app).get(path)).text;

beforeAll(async () => {
  site = await testSite(fillSample);
});
afterAll(() => site.close());

describe('addresses', () => {
  test('number, UUID and its beginning lead to the same run', async () => {
    for (const id of ['27', 'cccccccc-2222-4222-8222-222222222222', 'cccccccc', 'CCCC']) {
      expect(await page(`/r/${id}`)).toContain('Run #27');
    }
  });

  test.each(['0', '99', '-1', '1e3', 'x', 'zz.json', '9'.repeat(400), '%00', '..%2f', "1'--", 'dead', '０'])(
    'nothing at %s is a 404 that says what was expected',
    async (id) => {
      const { status, text } = await request(site.app).get(`/r/${id}`);
      expect(status).toBe(404);
      expect(text).toContain('its number, its UUID');
      expect(unsafeParts(text)).toEqual([]);
    },
  );
});

describe('a failed run', () => {
  test('shows what failed before anything else, with message and log line', async () => {
    const html = await page('/r/26');
    const failure = html.indexOf('expected 200 found 0');
    expect(failure).toBeGreaterThan(0);
    expect(failure).toBeLessThan(html.indexOf('All tests'));
    expect(html).toMatch(/<a href="\/log\/[0-9a-f]{64}#L26" data-key="l"/);
  });

  test('lists all tests in order, failing ones unfolded', async () => {
    const html = await page('/r/26');
    const list = html.slice(html.indexOf('All tests'), html.indexOf('id="environment"'));
    const names = [...list.matchAll(/rowgroup"[^>]*><a[^>]*>([^<]+)</g)].map((match) => match[1]);
    expect(names[0]).toBe('pm_netlink.sh');
    expect(names.slice(-2)).toEqual(['mptcp_sockopt.sh', 'userspace_pm.sh']);
    // diag.sh, and the attempt of userspace_pm.sh that failed.
    expect(list.match(/<details open>/g)).toHaveLength(2);
  });

  test('tells environment, command and retries', async () => {
    const html = await page('/r/26');
    expect(html.replace(/<[^>]*>/g, '')).toContain('multitap run mptcp --kernel deb:6.12 --jobs 2');
    expect(html).toContain('6.12.117-cloud-amd64');
    expect(html).toContain('qemu-system-x86_64 -M q35');
    expect(html).toContain('attempt 2');
    expect(html).toContain('passed only when retried');
  });

  test('?show=failures leaves the rest out, in the JSON twin too', async () => {
    const html = await page('/r/26?show=failures');
    expect(html).not.toContain('pm_netlink.sh');
    const { body } = await request(site.app).get('/r/26.json?show=failures');
    expect(body.results.map((test: { name: string }) => test.name)).toEqual(['diag.sh']);
    expect(body.results[0].subtests).toHaveLength(2);
  });

  test('?test= shows one test only', async () => {
    const { body } = await request(site.app).get('/r/26.json').query({ test: 'net/mptcp:diag.sh' });
    expect(body.results).toHaveLength(1);
    const unknown = await request(site.app).get('/r/26').query({ test: 'net/mptcp:nope.sh' });
    expect(unknown.status).toBe(404);
    expect(unknown.text).toContain('net/mptcp:diag.sh');
  });
});

describe('other states', () => {
  test('a crash comes first and shows its report from the console', async () => {
    const html = await page('/r/27');
    expect(html.indexOf('o-crash')).toBeLessThan(html.indexOf('o-timeout'));
    expect(html).toContain('RIP: 0010:mptcp_subflow_create_socket');
    expect(html).toContain('3 tests planned, but never reported');
  });

  test('an incomplete run says why', async () => {
    expect(await page('/r/28')).toContain('stopped by Ctrl-C after 1 of 6 tests');
  });

  test('a running run shows its progress and reloads itself, also without scripts', async () => {
    const html = await page('/r/29');
    expect(html).toContain('2 of 6 tests done');
    expect(html).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
    expect(await page('/r/29?show=failures')).toContain('2 of 6 tests done');
    expect(html.slice(html.indexOf('Not reported yet'))).toContain('userspace_pm.sh');
    expect(await page('/r/26')).not.toContain('http-equiv="refresh"');
  });
});

test('the JSON twin is the run as the store tells it', async () => {
  const { body } = await request(site.app).get('/r/27.json');
  const { show, test: only, excerpts, ...run } = body;
  expect([show, only]).toEqual(['all', null]);
  expect(excerpts[0]).toMatchObject({ kind: 'console', target: 3 });
  expect(run).toEqual(JSON.parse(JSON.stringify(await site.store.run(27))));
});

test('a run of which all was skipped has not passed, and says why at once', async () => {
  const none = await testSite(async (store) => {
    const uuid = 'ffffffff-7777-4777-8777-777777777777';
    const run = start({ uuid, startedAt: sampleNow, branch: 'b', revision: 'r', position: 1 });
    await store.startRun({ ...run, planned: [{ collection: 'net/mptcp', name: 'needs' }] });
    const needs = report({ name: 'needs', subtests: [], startedAt: sampleNow, durationMs: 5 });
    await store.addTest(uuid, { ...needs, outcome: 'skip', message: 'built without CONFIG_MPTCP' });
    await store.finishRun(uuid, { state: 'complete', finishedAt: sampleNow + 5, reason: '' });
  });
  const html = (await request(none.app).get('/r/1')).text;
  expect(html).toMatch(/class="s s-skipped">.*skipped<\/span>/);
  expect(html).toMatch(/<details open>\s*<summary>details<\/summary>\s*<p class="message">built without/);
  await none.close();
});

test('thousands of subtests are bounded, but never a failing one', async () => {
  const many = await testSite(async (store) => {
    const uuid = 'ffffffff-6666-4666-8666-666666666666';
    await store.startRun(start({ uuid, startedAt: sampleNow, branch: 'b', revision: 'r', position: 1 }));
    const subtests = Array.from({ length: 3000 }, (_, index) => `case ${index}`);
    const except = { 'case 2999': { outcome: 'fail' as const, message: 'the last one' } };
    await store.addTest(
      uuid,
      report({ name: 'test_progs', subtests, startedAt: sampleNow, durationMs: 5, except }),
    );
  });
  const html = (await request(many.app).get('/r/1')).text;
  expect(html).toContain('case 2999');
  expect(html).not.toContain('case 2000<');
  expect(html).toContain('2,599 more subtests');
  const whole = await request(many.app).get('/r/1').query({ test: 'net/mptcp:test_progs' });
  expect(whole.text).toContain('case 2000<');
  await many.close();
});

test('hostile names and messages are shown as they are, and harmless', async () => {
  const bad = await testSite(fillHostile);
  const { text } = await request(bad.app).get(`/r/${hostileUuid}`);
  expect(unsafeParts(text)).toEqual([]);
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(text).toContain('{{version}}');
  expect(text).not.toContain('[31m');
  await bad.close();
});
