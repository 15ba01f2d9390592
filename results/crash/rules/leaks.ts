// SPDX-License-Identifier: GPL-2.0-only

import type { Evidence } from '../evidence.ts';
import { guiltyFunction, meaningful } from '../guilty.ts';
import { byStack, plain, type Rule, type Title } from './rule.ts';

/** On the console, where what was leaked is not told. */
export const LEAKS_ANNOUNCED = 'kmemleak: new suspected memory leaks';

/** Who allocates for others: the leak is the asker's. */
const allocating =
  /^(?:create_object|\w*alloc_\w*skb\w*|\w*_kmalloc|sk_prot_alloc|sk_alloc|alloc_inode|htab_map_alloc|sget_userns|\w*list_lru_init\w*|debug_objects_\w+)$/;

/** A reference that is gone twice is blamed on who releases it now; one that stays, on who took it. */
function trackerTitle(evidence: Evidence): Title {
  const released = evidence.match[0].includes('already released');
  const now = evidence.stacks.findLast(({ heading }) => /Call [Tt]race/.test(heading));
  const where = (released ? meaningful(now)[0] : undefined) ?? guiltyFunction(evidence);
  return { what: `ref_tracker: ${released ? 'reference already released' : 'leaked reference'}`, where };
}

/** What is never given back: memory (mm/kmemleak.c), references (lib/ref_tracker.c, net/core/dev.c, fs/). */
export const leaks: Rule[] = [
  {
    kind: 'kmemleak',
    starts: ['kmemleak: '],
    begins: /^kmemleak: \d+ new suspected memory leaks?/,
    title: plain(LEAKS_ANNOUNCED),
    single: true,
  },
  {
    // One object of /sys/kernel/debug/kmemleak; syzkaller's runner puts `BUG: memory leak` before each.
    kind: 'kmemleak',
    starts: ['BUG: memory leak', 'unreferenced object'],
    begins: /^(?:BUG: memory leak|unreferenced object 0x)/,
    title: byStack('memory leak', allocating),
    absorbs: ['kmemleak'],
  },
  {
    kind: 'ref-tracker',
    starts: ['ref_tracker: ', 'leaked reference', 'reference already'],
    begins:
      /^(?:ref_tracker: )?(?:reference already released|leaked reference\b|\S{1,120} has \d+\/\d+ users at)/,
    title: trackerTitle,
    absorbs: ['ref-tracker', 'warn'],
    absorbsLate: true,
  },
  {
    kind: 'netdev-reference',
    starts: ['unregister_netdevice: waiting'],
    begins: /^unregister_netdevice: waiting for \S{1,64} to become free/,
    title: plain('unregister_netdevice: waiting for DEV to become free'),
    // What holds it may follow as a report of the reference tracker's.
    single: true,
  },
  {
    kind: 'vfs-reference',
    starts: ['BUG: Dentry'],
    begins: /^BUG: Dentry .{1,200}still in use/,
    title: plain('BUG: Dentry still in use in unmount'),
    absorbs: ['warn', 'bug'],
  },
  {
    kind: 'vfs-reference',
    starts: ['VFS: Busy inodes', 'VFS: Close: file'],
    begins: /^VFS: (?:(Busy inodes) after unmount|Close: file count is (?:0|zero))/,
    title: plain(
      ([, busy]) =>
        `VFS: ${busy === undefined ? 'Close: file count is zero' : 'Busy inodes after unmount'} (use-after-free)`,
    ),
    single: true,
  },
];
