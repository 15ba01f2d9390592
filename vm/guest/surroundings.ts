// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a test could have left behind: names and values as the guest tells them (a guest can lie). Lines are
 * sorted and bounded in number and length.
 */
export interface Surroundings {
  /** `PID COMM` of user processes that are not the agent's own. */
  processes: string[];
  /** Names in /run/netns. */
  namespaces: string[];
  /** `TYPE TARGET` of the initial mount namespace. */
  mounts: string[];
  modules: string[];
  /** Network devices of the initial namespace: `lo up mtu 65536`. */
  links: string[];
  /** /proc/sys without what changes by itself: `net/ipv4/ip_forward` → `0`. */
  sysctls: Record<string, string>;
  /** /proc/sys/kernel/tainted. */
  taint: number;
}

/** A guest can lie, and can have many: no list becomes longer, no name or value longer than this. */
const ITEMS_MAX = 8192;
const TEXT_MAX = 400;
/** A whole answer is about 50 KiB. */
export const ANSWER_MAX = 4 << 20;

/**
 * Settings that change by themselves, without a test that sets them; found by reading them again and again in
 * idle and in busy guests of 6.1, 6.12, 6.18 and 7.3.
 */
const VOLATILE = [
  /^fs\/(aio-nr|dentry-state|file-nr|inode-nr|inode-state)$/,
  /^fs\/quota\//,
  /^kernel\/(ns_last_pid|perf_event_max_sample_rate|pty\/nr|hung_task_detect_count|tainted)$/,
  /^kernel\/random\/(uuid|entropy_avail)$/,
  /^kernel\/sched_domain\//,
  /^kernel\/keys\//,
  /^net\/core\/netdev_rss_key$/,
  /^net\/netfilter\/nf_conntrack_count$/,
  /^net\/ipv4\/tcp_fastopen_key$/,
  // These tell which modules are loaded.
  /^net\/(ipv4\/tcp_available_\w+|mptcp\/available_schedulers)$/,
];

const bounded = (text: string) => (text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text);

/**
 * The agent's records (surroundings.c): each ended by a NUL, begun by a letter. What is unknown is left out, since
 * a newer agent may say more.
 *
 * @throws Error where the end is missing: the child that told them was killed
 */
export function decodeSurroundings(payload: Buffer): Surroundings {
  const lists = { p: [], n: [], m: [], k: [], l: [] } as Record<string, string[]>;
  const sysctls = new Map<string, string>();
  let taint = 0;
  let ended = false;
  for (const record of payload.toString('utf8').split('\0')) {
    const kind = record.charAt(0);
    const text = record.slice(1);
    const list = Object.hasOwn(lists, kind) ? lists[kind]! : null;
    if (list && list.length < ITEMS_MAX) list.push(bounded(text));
    else if (kind === 's' && sysctls.size < ITEMS_MAX) {
      const equals = text.indexOf('=');
      const name = text.slice(0, equals);
      if (equals > 0 && !VOLATILE.some((pattern) => pattern.test(name)))
        sysctls.set(bounded(name), bounded(text.slice(equals + 1)));
    } else if (kind === 't') taint = Number.parseInt(text, 10) || 0;
    else if (kind === 'e') ended = true;
  }
  if (!ended)
    throw new Error('the guest’s surroundings broke off: something killed the process that told them');
  const sorted = (kind: string) => lists[kind]!.sort();
  return {
    processes: sorted('p'),
    namespaces: sorted('n'),
    mounts: sorted('m'),
    modules: sorted('k'),
    links: sorted('l'),
    sysctls: Object.fromEntries([...sysctls].sort(([a], [b]) => (a < b ? -1 : 1))),
    taint,
  };
}
