// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseWhole } from '../../../results/formats/registry.ts';
import { tap } from '../../../results/formats/tap/index.ts';
import { fixture, outline } from '../../../results/formats/testing.ts';
import type { Peer } from './peers.ts';

const panic = `[    0.060000] TAP version 14
[    0.060000] 1..1
[    0.060000] 	# Subtest: stream
[    0.060000] 	1..2
[    0.060000] 	ok 1 - empty
[    0.060000] 	Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(98,0)
`;

/** Cases that a parser stumbles over; what is right is tested in results/formats/tap/peers.test.ts. */
const cases: [what: string, log: string][] = [
  ['plan at the end', 'TAP version 13\nok 1 a\nok 2 b\n1..2\n'],
  ['printk and a panic', panic],
  [
    'child fails, parent ok',
    'KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  not ok 1 child\nok 1 parent\n',
  ],
  ['ok 1 # SKIP x', 'TAP version 13\n1..1\nok 1 # SKIP x\n'],
  ['not ok # SKIP', 'TAP version 13\n1..1\nnot ok 1 a # SKIP\n'],
  ['not ok # XFAIL', 'TAP version 13\n1..1\nnot ok 1 a # XFAIL\n'],
  ['# inside a name', 'KTAP version 1\n1..1\nok 1 reads # of pages\n'],
  ['short plan', 'TAP version 13\n1..3\nok 1 a\nok 2 b\n'],
  ['Bail out!', 'TAP version 13\n1..1\nok 1 a\nBail out! no memory\n'],
  [
    'CRLF and colours',
    'TAP version 13\r\n1..2\r\n\x1b[32mok 1 - a\x1b[0m\r\n\x1b[31mnot ok\x1b[0m 2 - b\r\n',
  ],
  ['mptcp, embedded', fixture('body-pm_netlink.tap').toString()],
  ['duplicate names', '1..3\nok 1 a\nnot ok 2 a\nok 3 a\n'],
];

function ours(log: string): string {
  const document = parseWhole(tap, Buffer.from(log));
  const tests =
    document.tests.length > 5 ? `${document.tests.length} ${document.tests[0]!.outcome}` : outline(document);
  return `${tests}${document.complete ? '' : '; incomplete'}`;
}

/** A table of what each parser says of the same files. */
export async function tellAnswers(peers: readonly Peer[], note: (text: string) => void): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-bench-'));
  const cells = (row: string[]): string =>
    row
      .map((cell) => cell.padEnd(42))
      .join(' ')
      .trimEnd();
  note(cells(['case', 'ours', ...peers.map(({ name }) => name)]));
  try {
    for (const [what, log] of cases) {
      const file = join(dir, 'case');
      await writeFile(file, log);
      const theirs: string[] = [];
      for (const peer of peers) theirs.push(await peer.answer(file));
      note(cells([what, ours(log), ...theirs]));
    }
  } finally {
    await rm(dir, { recursive: true });
  }
}
