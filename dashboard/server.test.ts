// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp, serve } from './server.ts';
import { type TestSite, testSite } from './testing/app.ts';
import { fillHostile, hostileUuid } from './testing/hostile.ts';
import { unsafeParts } from './testing/unsafe.ts';
import { templateFiles } from './web/templates.ts';

let site: TestSite;

beforeAll(async () => {
  site = await testSite(fillHostile);
});
afterAll(() => site.close());

describe('headers', () => {
  test('allow nothing from elsewhere and nothing inline', async () => {
    const { headers } = await request(site.app).get('/');
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('a foreign Host is refused: DNS rebinding', async () => {
    const answer = await request(site.app).get('/').set('Host', 'evil.example:8080');
    expect(answer.status).toBe(421);
    expect(answer.text).toContain('--host');
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:80', 'LOCALHOST']) {
      expect((await request(site.app).get('/healthz').set('Host', host)).status).toBe(200);
    }
  });

  test('any Host is welcome where the user opened the dashboard to the network', async () => {
    const app = createApp({ reader: site.store, version: '1', allowedHosts: 'any' });
    expect((await request(app).get('/healthz').set('Host', 'ci.example')).status).toBe(200);
  });

  test('only reading', async () => {
    const answer = await request(site.app).post('/r/1');
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });
});

describe('addresses for machines', () => {
  test('/healthz', async () => {
    expect((await request(site.app).get('/healthz')).body).toEqual({ status: 'ok', version: '0.0.0-test' });
  });

  test('/robots.txt', async () => {
    expect((await request(site.app).get('/robots.txt')).text).toContain('Disallow: /');
  });
});

describe('assets', () => {
  test('are cached for ever under the hash of their content', async () => {
    const { text } = await request(site.app).get('/');
    const urls = text.match(/\/assets\/[^"]+/g) ?? [];
    expect(urls.some((url) => url.endsWith('.css'))).toBe(true);
    for (const url of urls) {
      const { status, headers } = await request(site.app).get(url);
      expect([url, status]).toEqual([url, 200]);
      expect(headers['cache-control']).toContain('immutable');
      const again = await request(site.app).get(url).set('If-None-Match', headers.etag!);
      expect(again.status).toBe(304);
    }
  });

  test('no other file can be named', async () => {
    for (const path of [
      '/assets/style.css',
      '/assets/../server.ts',
      '/assets/%2e%2e/server.ts',
      '/assets/',
    ]) {
      expect((await request(site.app).get(path)).status).toBe(404);
    }
  });
});

describe('errors', () => {
  test('an unknown address says which ones there are, in either form', async () => {
    const page = await request(site.app).get('/nowhere');
    expect(page.status).toBe(404);
    expect(page.text).toContain('/r/&lt;run&gt;');
    const twin = await request(site.app).get('/nowhere.json');
    expect(twin.status).toBe(404);
    expect(twin.body.error).toBe('There is no page at this address.');
  });

  test('an address that cannot be decoded is the asker’s fault', async () => {
    expect((await request(site.app).get('/r/%E0%A4%A')).status).toBe(400);
  });

  test('our own fault shows a reference only, and logs the rest under it', async () => {
    const secret = 'SQLITE_CORRUPT in /srv/secret';
    const logged: string[] = [];
    const reader = { ...site.store, overview: () => Promise.reject(new Error(secret)) };
    const app = createApp({ reader, version: '1', log: (text) => logged.push(text) });
    const page = await request(app).get('/');
    expect(page.status).toBe(500);
    expect(page.text).not.toContain('SQLITE');
    const reference = /reference ([0-9a-f]{8})/.exec(page.text)![1]!;
    expect(logged.join()).toContain(reference);
    expect(logged.join()).toContain(secret);
    const twin = await request(app).get('/.json');
    expect(twin.status).toBe(500);
    expect(JSON.stringify(twin.body)).not.toContain('SQLITE');
  });
});

describe('templates', () => {
  test('never ask for unescaped output', () => {
    for (const { url } of templateFiles()) {
      expect(readFileSync(url, 'utf8'), url.pathname).not.toMatch(/\{\{\{|\{\{&/);
    }
  });

  test('hostile results harm no page', async () => {
    const { results } = await site.store.run(hostileUuid).then((run) => run!);
    const series = [results[0]!.series, ...results[0]!.subtests.map((subtest) => subtest.series)];
    const logs = results[0]!.logs.map((log) => `/log/${log.hash}`);
    for (const path of ['/', '/r/1', '/r/1?show=failures', ...series.map((id) => `/t/${id}`), ...logs]) {
      const { status, text } = await request(site.app).get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(unsafeParts(text)).toEqual([]);
    }
    const branches = await site.store.overview(1);
    const { status, text } = await request(site.app).get('/').query({ branch: branches[0]!.branch });
    expect(status).toBe(200);
    expect(unsafeParts(text)).toEqual([]);
    expect(site.logged).toEqual([]);
  });
});

describe('serve', () => {
  test('listens on loopback and ends', async () => {
    const serving = await serve({ reader: site.store, version: '1', port: 0 });
    expect(serving.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await fetch(`${serving.url}healthz`)).status).toBe(200);
    await serving.close();
    await expect(fetch(`${serving.url}healthz`)).rejects.toThrow();
  });

  test('a taken port is told with the way out', async () => {
    const first = await serve({ reader: site.store, version: '1', port: 0 });
    const port = Number(new URL(first.url).port);
    const second = serve({ reader: site.store, version: '1', port });
    await expect(second).rejects.toThrow(new RegExp(`port ${port} on 127\\.0\\.0\\.1 is taken.*--port`));
    await first.close();
  });

  test('an address of another machine is told with the way out', async () => {
    const serving = serve({ reader: site.store, version: '1', port: 0, host: '192.0.2.1' });
    await expect(serving).rejects.toThrow(/192\.0\.2\.1 is no address of this machine.*--host/);
  });
});
