// SPDX-License-Identifier: GPL-2.0-only

/** User and system seconds of this process that the work takes: other programs on the machine do not count. */
export async function cpuSecondsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
