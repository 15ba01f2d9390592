// SPDX-License-Identifier: GPL-2.0-only
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestSite, testSite } from '../../testing/app.ts';
import { fillHostile, hostileUuid } from '../../testing/hostile.ts';
import { sampleNow, start } from '../../testing/sample.ts';
import { report } from '../../testing/tests.ts';
import { unsafeParts } from '../../testing/unsafe.ts';

const uuid = 'abababab-7777-4777-8777-777777777777';
const hugeLines = 120_001;
let site: TestSite;
let huge: string;
let wild: string;

beforeAll(async () => {
  site = await testSite(async (store) => {
    await store.startRun(start({ uuid, startedAt: sampleNow, branch: 'b', revision: 'r', position: 1 }));
    const base = report({ name: 'huge.sh', subtests: [], startedAt: sampleNow, durationMs: 1 });
    const text = Array.from(
      { length: hugeLines },
      (_, index) => `ok ${index + 1} - line number ${index + 1}`,
    );
    const console = Buffer.alloc(5_000_000, 'x');
    await store.addTest(uuid, {
      ...base,
      logs: [
        { kind: 'output', content: Buffer.from(text.join('\n')) },
        { kind: 'console', content: console },
      ],
    });
    await fillHostile(store);
  });
  const hashOf = async (run: string) => (await site.store.run(run))!.results[0]!.logs[0]!.hash;
  huge = `/log/${await hashOf(uuid)}`;
  wild = `/log/${await hashOf(hostileUuid)}`;
});
afterAll(() => site.close());

test('every line has its anchor; results have glyph and colour', async () => {
  const { text } = await request(site.app).get(wild);
  expect(unsafeParts(text)).toEqual([]);
  expect(text).toContain('<div id="L2" class="l o-fail" data-stop>');
  expect(text).toContain('href="#L3"');
});

test('terminal codes are dropped and control characters shown', async () => {
  const { text } = await request(site.app).get(wild);
  expect(text).not.toContain('[31m');
  expect(text).toContain('a<i>^@</i>b<i>^G</i>c<i>&lt;U+202E&gt;</i>d');
  expect(text).toContain('\ufffd');
});

test('says where it came from', async () => {
  const { text } = await request(site.app).get(huge);
  expect(text).toContain('huge.sh');
  expect(text).toMatch(/href="\/r\/1#t\d+"/);
});

test('a huge log comes in pages', async () => {
  const first = await request(site.app).get(huge);
  expect(first.text.match(/<div id="L/g)).toHaveLength(2000);
  expect(first.text).toContain('Lines 1–2,000 of 120,001');
  const last = await request(site.app).get(`${huge}?from=120001`);
  expect(last.text).toContain('line number 120001');
  expect(last.text).not.toContain('rel="next"');
  const within = await request(site.app).get(`${huge}?from=2345`);
  expect(within.text).toContain('id="L2001"');
});

test('?line= leads to the line', async () => {
  const { status, headers } = await request(site.app).get(`${huge}?line=4500`);
  expect([status, headers.location]).toEqual([303, `${huge}?from=4001#L4500`]);
});

test('a line behind the end is told with the last one', async () => {
  const { status, text } = await request(site.app).get(`${huge}?from=999999`);
  expect(status).toBe(404);
  expect(text).toContain('120001');
});

test('nonsense in from and line is no error', async () => {
  for (const query of ['from=-1', 'from=x', 'line=0', 'line=1.5', 'from=1e9', 'from=1&from=2']) {
    expect((await request(site.app).get(`${huge}?${query}`)).status).toBe(200);
  }
});

test('a line of megabytes is cut on the page', async () => {
  const logs = (await site.store.run(uuid))!.results[0]!.logs;
  const { text } = await request(site.app).get(`/log/${logs[1]!.hash}`);
  expect(text.length).toBeLessThan(20_000);
  expect(text).toContain('5.0 MB more');
});

test('raw is every byte as it was, and never a page', async () => {
  // As bytes: the default would decode it as text.
  const { status, headers, body } = await request(site.app).get(`${wild}/raw`).responseType('blob');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['cache-control']).toContain('immutable');
  expect(body).toEqual(Buffer.from((await site.store.log(wild.slice('/log/'.length)))!));
  expect((await request(site.app).get('/log/00/raw')).status).toBe(404);
});

test('has its JSON twin', async () => {
  const { body } = await request(site.app).get(`${huge}.json?from=120001`);
  expect(body).toMatchObject({ total: hugeLines, from: 120_001, origin: { runId: 1, kind: 'output' } });
  expect(body.lines).toEqual([{ number: 120_001, text: 'ok 120001 - line number 120001', cutBytes: 0 }]);
});

test.each(['0', 'x'.repeat(64), '0'.repeat(64), 'F'.repeat(64), '..%2f..%2fetc', '%00'])(
  'nothing at %s is a 404',
  async (hash) => {
    const { status, text } = await request(site.app).get(`/log/${hash}`);
    expect(status).toBe(404);
    expect(text).toContain('SHA-256');
  },
);
