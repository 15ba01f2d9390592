// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillSample } from '../dashboard/testing/sample.ts';
import { parseWhole } from '../results/formats/registry.ts';
import { tap } from '../results/formats/tap/index.ts';
import { openStore } from '../results/store/index.ts';
import type { RunDetail, Store } from '../results/store/types.ts';
import { multitap, root, temporaryFolder } from './support/program.ts';

/** The whole path, once: a real kernel, real selftests, the store, the terminal, the pages in a browser. */
let data: string;
let store: Store;
let run: RunDetail;
let stdout: string;
let exitCode: number | undefined;

beforeAll(async () => {
  data = await temporaryFolder('first-light');
  const args = [
    'run',
    '-t',
    'net/mptcp:pm_netlink.sh',
    '-t',
    'net/mptcp:userspace_pm.sh',
    '--jobs',
    '2',
    '--format',
    'ktap',
    '--branch',
    'net-next',
  ];
  const result = await multitap([...args, '--kernel', 'deb:6.12', '--data', data]);
  stdout = String(result.stdout);
  exitCode = result.exitCode;
  store = await openStore(data);
  run = (await store.run(1))!;
});

afterAll(async () => {
  await store?.close();
  await rm(data, { recursive: true, force: true });
});

/** Counts result lines the simplest way there is, without our parser: what a person would grep for. */
function grepResults(text: string): number {
  return text.split('\n').filter((line) => /^(# )*(not )?ok \d+ /.test(line)).length;
}

describe('a run of real MPTCP selftests', () => {
  it('is stored complete, with its kernel, tools and command line', () => {
    expect(run).toMatchObject({ state: 'complete', suite: 'mptcp', branch: 'net-next', plannedTests: 2 });
    expect(run.environment).toMatchObject({
      kernel: { release: expect.stringContaining('6.12.'), config: expect.stringMatching(/^[0-9a-f]{16}$/) },
      accelerator: { name: expect.stringMatching(/^(kvm|tcg)$/) },
      tools: { iproute2: expect.any(String) },
      qemu: expect.stringContaining('qemu-system-x86_64'),
    });
    expect(run.command).toContain('multitap run mptcp --kernel deb:6.12 --test net/mptcp:pm_netlink.sh');
    expect(exitCode).toBe(run.results.every(({ outcome }) => outcome === 'pass') ? 0 : 1);
  });

  it('has every subtest that the raw logs contain, and only those', async () => {
    expect(run.results).toHaveLength(2);
    for (const test of run.results) {
      const log = Buffer.from(
        (await store.log(test.logs.find(({ kind }) => kind === 'output')!.hash))!,
      ).toString();
      const counted = grepResults(log);
      expect(counted).toBeGreaterThan(20);
      expect(test.subtests).toHaveLength(counted);
      // Each one stands on the very line that the database names.
      const lines = log.split('\n');
      for (const { line, name } of test.subtests)
        expect(lines[line! - 1]).toContain(name.replace(/ \[\d+\]$/, ''));
    }
  });

  it('measures durations and CPU time, in bounds', () => {
    const accelerator = run.environment.accelerator as { name: string };
    for (const { durationMs, cpuMs, exitCode, timeoutMs } of run.results) {
      expect(exitCode).not.toBeNull();
      // Shell scripts that set up network namespaces and poll: never less, KVM or not.
      expect(durationMs).toBeGreaterThan(1000);
      expect(cpuMs).toBeGreaterThan(accelerator.name === 'tcg' ? 500 : 50);
      expect(cpuMs! / durationMs!).toBeLessThan(2.5); // two CPUs
      // 1800 s of net/mptcp's settings file, times how slow the guest is.
      expect(timeoutMs).toBeGreaterThanOrEqual(1_800_000);
    }
  });

  it('is printed as the TAP document that kselftest’s own runner would print', () => {
    const document = parseWhole(tap, Buffer.from(stdout));
    expect(document).toMatchObject({ complete: true, plan: 2 });
    expect(document.tests.map(({ collection, name }) => [collection, name]).sort()).toEqual([
      ['net/mptcp', 'pm_netlink.sh'],
      ['net/mptcp', 'userspace_pm.sh'],
    ]);
    const subtests = run.results.reduce((sum, test) => sum + test.subtests.length, 0);
    expect(grepResults(stdout)).toBe(subtests + 2);
  });

  it('can be read in the terminal, by number and by UUID, as text and as JSON', async () => {
    const list = await multitap(['results', '--data', data]);
    expect(list.stdout).toMatch(/^ +1 .* net-next .*mptcp: /);
    const one = await multitap(['results', run.uuid.slice(0, 8), '--data', data]);
    expect(one.stdout).toContain('net/mptcp: pm_netlink.sh');
    expect(
      JSON.parse(String((await multitap(['results', '1', '--json', '--data', data])).stdout)),
    ).toMatchObject({ uuid: run.uuid });
    const none = await multitap(['results', '77', '--data', data]);
    expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('There is no run "77"') });
  });
});

describe('the dashboard, in a real browser', () => {
  let browser: Browser;
  let url: string;
  let server: ReturnType<typeof multitap>;
  const shots = join(root, 'reports/screenshots');

  beforeAll(async () => {
    // A history with every outcome beside the real run: what the pages look like on a bad day.
    await fillSample(store);
    await mkdir(shots, { recursive: true });
    server = multitap(['serve', '--port', '0', '--data', data]);
    url = await new Promise((resolve, reject) => {
      server.stdout!.once('data', (chunk) => resolve(String(chunk).split('\n')[0]!));
      server.then(({ stderr }) => reject(new Error(String(stderr))));
    });
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });

  afterAll(async () => {
    await browser?.close();
    server?.kill('SIGTERM');
    expect((await server)?.exitCode).toBe(0);
  });

  const series = () => run.results[0]!.series;
  const log = () => run.results[0]!.logs[0]!.hash;
  const pages = {
    overview: () => '',
    run: () => 'r/1',
    'run-with-failures': () => 'r/28',
    history: () => `t/${series()}`,
    log: () => `log/${log()}`,
  };

  for (const [name, path] of Object.entries(pages)) {
    it(`shows ${name}, wide and narrow, dark and light, without an error or a sideways scroll`, async () => {
      for (const [width, height] of [
        [1280, 900],
        [360, 740],
      ] as const) {
        for (const colorScheme of ['light', 'dark'] as const) {
          const context = await browser.newContext({ viewport: { width, height }, colorScheme });
          const page = await context.newPage();
          const errors: string[] = [];
          page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
          page.on('pageerror', (error) => errors.push(error.message));
          const response = await page.goto(url + path());
          expect(response!.status()).toBe(200);
          expect(errors).toEqual([]);
          expect(await page.locator('h1').count()).toBe(1);
          const overflow = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect(overflow).toBeLessThanOrEqual(0);
          await page.screenshot({
            path: join(shots, `${name}-${width}-${colorScheme}.png`),
            fullPage: height > 800,
          });
          await context.close();
        }
      }
    });
  }

  it('leads by clicks from the overview to the line of a subtest in its log', async () => {
    const page = await browser.newPage();
    await page.goto(url);
    await page.locator('a[href="/r/1"]').first().click();
    await page.waitForURL('**/r/1');
    expect(await page.locator('body').textContent()).toContain('pm_netlink.sh');
    await page.goto(`${url}t/${series()}`);
    expect(await page.locator('body').textContent()).toContain('net-next');
    const { line, name } = run.results[0]!.subtests[0]!;
    await page.goto(`${url}log/${log()}#L${line}`);
    expect(await page.locator(`#L${line}`).textContent()).toContain(name);
    await page.close();
  });

  it('works without JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${url}r/1`);
    expect(await page.locator('body').textContent()).toContain('userspace_pm.sh');
    await context.close();
  });

  it('gives the same as JSON', async () => {
    const json = await (await fetch(`${url}r/1.json`)).json();
    expect(json).toMatchObject({
      uuid: run.uuid,
      results: [{ collection: 'net/mptcp' }, { collection: 'net/mptcp' }],
    });
  });
});
