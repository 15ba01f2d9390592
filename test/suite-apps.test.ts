// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../results/store/index.ts';
import type { RunDetail, Store } from '../results/store/types.ts';
import { countOutcomes, isBad } from '../results/words.ts';
import type { Prepared } from '../runner/setup.ts';
import { apps } from '../runner/suites/apps/index.ts';
import { buildSuite } from '../runner/suites/build.ts';
import { silent } from '../vm/progress.ts';
import { countResults } from './support/count-results.ts';
import { FAULT_MODULE, FAULT_TRIGGER, withFaults } from './support/fault-module.ts';
import { preparedGuest } from './support/guest.ts';
import { folderForTest, multitap, temporaryFolder } from './support/program.ts';
import { runAll } from './support/run.ts';
import { all, whyNot } from './support/slow.ts';

/** curl and lighttpd over two paths: as it should be, and with one thing after the other broken. */
const FILES = { 'failover.sh': 16, 'fallback.sh': 17, 'mptcpize.sh': 9, 'native.sh': 14, 'subflows.sh': 12 };

describe('a run of the suite', () => {
  let data: string;
  let store: Store;
  let run: RunDetail;
  let stdout: string;

  beforeAll(async () => {
    data = await temporaryFolder('apps');
    const result = await multitap(['run', 'apps', '--quick', '--kernel', 'deb:6.12', '--data', data]);
    stdout = String(result.stdout);
    store = await openStore(data);
    run = (await store.run(1))!;
  });
  afterAll(async () => {
    await store?.close();
    await rm(data, { recursive: true, force: true });
  });

  it('passes, every subtest of it, none skipped', () => {
    expect(stdout).toMatch(/tests {5}5 pass\n {2}subtests {2}68 pass/);
    const seen = run.results.map(({ name, subtests }) => [name, subtests.length]);
    expect(Object.fromEntries(seen)).toEqual(FILES);
    for (const { subtests } of run.results)
      expect(countOutcomes(subtests.map(({ outcome }) => outcome)).pass).toBe(subtests.length);
  });

  it('has in the database what awk counts in the raw logs', async () => {
    for (const test of run.results) {
      const log = (await store.log(test.logs.find(({ kind }) => kind === 'output')!.hash))!;
      expect(await countResults(log)).toEqual({ results: test.subtests.length, fail: 0, skip: 0, xfail: 0 });
    }
  });
});

/** A program that goes before the root file system's of that name. */
const instead = (name: string, script: string) =>
  `mkdir -p $dir/bin; PATH=$dir/bin:$PATH; printf '#!/bin/sh\\n%s\\n' '${script}' >$dir/bin/${name}; chmod +x $dir/bin/${name}`;
const nft = (side: string, rule: string) =>
  `at $${side} nft "add table ip x; add chain ip x in { type filter hook prerouting priority raw; }; add rule ip x in ${rule}"`;
const off = (side: string) => `at $${side} sysctl -qw net.mptcp.enabled=0`;

/** What is broken, and some of the subtests that have to tell. */
const BREAKS: [file: keyof typeof FILES, what: string, setup: string, told: string[]][] = [
  [
    'native.sh',
    'the server without MPTCP',
    off('server'),
    ['lighttpd listens by MPTCP', 'the client did not fall back'],
  ],
  [
    'native.sh',
    'the client without MPTCP',
    off('client'),
    ['the client asked for MPTCP', 'sending was MPTCP as well'],
  ],
  ['native.sh', 'another file', 'echo >>$www/file', ['what curl got is what lighttpd has']],
  ['native.sh', 'nobody at the address', 'patience=3; url=http://10.0.1.3', ['curl ends well']],
  [
    'native.sh',
    'a box that strips the option of all but the first packets',
    nft('server', 'tcp flags & (syn | ack) == ack reset tcp option mptcp'),
    ['the server did not fall back'],
  ],
  [
    'subflows.sh',
    'no further subflow allowed',
    'patience=5; ip -n $client mptcp limits set subflows 0 add_addr_accepted 0',
    [
      'announced by the server: the client was let join',
      'opened by the client: data comes over the second path',
    ],
  ],
  [
    'subflows.sh',
    'a first path that loses all data',
    nft('client', 'iifname c1 meta length > 200 drop'),
    ['announced by the server: data comes over the first path'],
  ],
  ['subflows.sh', 'another file', 'echo >>$www/file', ['opened by the client: the file is whole']],
  [
    'failover.sh',
    'the second path down as well',
    'patience=5; ip -n $server link set s2 down',
    ['download, lost link: the file is whole', 'upload, lost packets: the rest came over the second path'],
  ],
  [
    'fallback.sh',
    'a server that knows MPTCP after all',
    instead('lighttpd', 'exec mptcpize run /usr/sbin/lighttpd "$@"'),
    ['MPTCP client, TCP server: the client fell back'],
  ],
  [
    'fallback.sh',
    'a client that asks for MPTCP after all',
    instead('curl', 'exec /usr/bin/curl --mptcp "$@"'),
    ['TCP client, MPTCP server: the server was not asked for MPTCP', 'nobody joined a TCP connection'],
  ],
  [
    'fallback.sh',
    'no MPTCP on either side',
    `${off('client')}; ${off('server')}`,
    ['MPTCP client, TCP server: the client asked for MPTCP'],
  ],
  ['fallback.sh', 'another file', 'echo >>$www/file', ['MPTCP client, TCP server: the file is whole']],
  [
    'fallback.sh',
    'nobody at the address',
    'patience=3; url=http://10.0.1.3',
    ['TCP client, MPTCP server: curl ends well'],
  ],
  [
    'fallback.sh',
    'a box that strips nothing',
    instead('nft', 'exit 0'),
    ['MPTCP on both sides, a box strips the option: the client fell back'],
  ],
  [
    'mptcpize.sh',
    'an mptcpize that does nothing',
    instead('mptcpize', 'shift; exec "$@"'),
    ['python3 in mptcpize listens by MPTCP', 'curl in mptcpize asks for MPTCP'],
  ],
  [
    'mptcpize.sh',
    'programs that speak MPTCP by themselves, and another file',
    `${instead('python3', 'exec mptcpize run /usr/bin/python3 "$@"')}; ${instead('curl', 'exec /usr/bin/curl --mptcp "$@"')}; echo >>$www/file`,
    [
      'python3 alone listens by TCP',
      'without mptcpize nobody asks for MPTCP',
      'with mptcpize the file is whole',
    ],
  ],
  [
    'mptcpize.sh',
    'a box that strips the option',
    nft('server', 'tcp flags syn reset tcp option mptcp'),
    ['the client did not fall back'],
  ],
];

describe('where something is broken', () => {
  let prepared: Prepared;
  const failed: Record<string, Set<string>> = {};
  beforeAll(async () => {
    prepared = await preparedGuest('apps');
  });

  async function broken(file: string, setup: string) {
    const test = prepared.built!.tests.find(({ name }) => name === file)!;
    const { reports } = await runAll(prepared, [test], { isolation: 'test', env: { APPS_SETUP: setup } });
    return reports[0]!;
  }

  const tells = async (file: string, _: string, setup: string, told: string[]) => {
    const { outcome, subtests } = await broken(file, setup);
    const names = subtests.filter((subtest) => isBad(subtest.outcome)).map(({ name }) => name);
    expect(outcome).toBe('fail');
    expect(names).toEqual(expect.arrayContaining(told));
    failed[file] = new Set([...(failed[file] ?? []), ...names]);
  };

  const title = '%s tells of %s';
  it.each(BREAKS.slice(0, 1))(title, tells);
  it.skipIf(!all).each(BREAKS.slice(1))(`${title}${whyNot()}`, tells);

  it.skipIf(!all)(`every subtest has failed once by now${whyNot()}`, () => {
    const counts = Object.entries(failed).map(([file, names]) => [file, names.size]);
    expect(Object.fromEntries(counts)).toEqual(FILES);
  });

  it.skipIf(!all)(`a kernel that warns meanwhile has not passed${whyNot()}`, async () => {
    prepared = await withFaults(prepared);
    const { outcome, message, subtests, crashes } = await broken(
      'native.sh',
      `insmod ${FAULT_MODULE}; echo warn >${FAULT_TRIGGER}`,
    );
    expect({ outcome, subtests: subtests.length }).toEqual({ outcome: 'fail', subtests: 14 });
    expect(message).toBe('kernel: WARNING in fault_warn');
    expect(crashes!.map(({ title }) => title)).toContain('WARNING in fault_warn');
  });

  it('is one skip, with the fragment, where the kernel lacks MPTCP', async () => {
    const { rootfs, kernel } = prepared;
    const tree = await folderForTest('apps-config');
    await mkdir(join(tree, 'boot'));
    await writeFile(join(tree, 'boot', `config-${kernel.release}`), 'CONFIG_NET_NS=y\nCONFIG_VETH=m\n');
    const at = { rootfs, kernel: { ...kernel, tree }, source: kernel };
    const { tests, unmet } = await buildSuite(apps, {
      ...at,
      collections: ['apps'],
      options: {},
      progress: silent,
    });
    expect(unmet).toBe(true);
    expect(tests.map(({ name, instead: skip }) => [name, skip?.outcome])).toEqual([['needs', 'skip']]);
    expect(tests[0]!.instead!.message).toContain('CONFIG_MPTCP=y\nCONFIG_INET_MPTCP_DIAG=y');
  });
});
