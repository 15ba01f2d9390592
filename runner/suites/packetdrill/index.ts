// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import { buildSelftests, GUEST_KSELFTEST } from '../../../vm/kernel/selftests.ts';
import { compareVersions } from '../../../vm/kernel/version.ts';
import { kselftest, settingsTimeout } from '../kselftest.ts';
import { ownLayer } from '../layer.ts';
import type { PlannedTest } from '../planned-test.ts';
import type { Suite, SuiteContext } from '../suite.ts';
import { unmetSuite } from '../unmet.ts';
import { buildPacketdrill, GUEST_NET } from './checkout.ts';
import { concludeLate } from './late.ts';

const GUEST_RUN = '/opt/packetdrill/guest';

/** Since which version the kernel's tree has scripts of its own. */
const IN_TREE = '6.12';
const IN_TREE_COLLECTION = 'net/packetdrill';

/** run_all.py's max_runtime, in seconds; what a test takes under TCG, measured. */
const TIMEOUT_S = 180;
const SECONDS = 8;

/** How late packets may be under TCG, in microseconds: the MPTCP scripts have it for every machine. */
const SLOW_TOLERANCE_US = 100_000;

/** The checkout's scripts that need what it is not built with. */
const LEFT_OUT = [
  { below: 'psp/', message: 'packetdrill is built without PSP (ENABLE_PSP=1 and its submodule)' },
];

/** The device that packetdrill sends through is a module, which nothing else loads. */
function withTun(test: PlannedTest): PlannedTest {
  return {
    ...test,
    start: (how) => {
      const request = test.start(how);
      return { ...request, argv: ['/bin/sh', '-c', 'modprobe -q tun; exec "$@"', 'sh', ...request.argv] };
    },
  };
}

function scriptTest(name: string): PlannedTest {
  const test = kselftest('packetdrill', name, { timeoutS: TIMEOUT_S, seconds: SECONDS });
  const tolerance = `--tolerance_usecs=${SLOW_TOLERANCE_US}`;
  const leftOut = LEFT_OUT.find(({ below }) => name.startsWith(below));
  return {
    ...withTun({
      ...test,
      start: (how) => ({
        ...test.start(how),
        argv: ['python3', `${GUEST_RUN}/run.py`, ...(how.slow ? [tolerance] : []), name],
        cwd: GUEST_NET,
      }),
    }),
    ...(leftOut ? { instead: { outcome: 'skip', message: leftOut.message } } : {}),
  };
}

/** Those of the kernel's own tree, which its ksft_runner.sh starts with our packetdrill. */
async function inTree({ rootfs, source, progress }: SuiteContext) {
  if (compareVersions(source.upstream, IN_TREE) < 0) return { layers: [], tests: [] };
  const { layer, install, tests } = await buildSelftests(rootfs, source, IN_TREE_COLLECTION, progress);
  const timeoutS = await settingsTimeout(install, IN_TREE_COLLECTION);
  const names = tests.map((line) => line.slice(line.indexOf(':') + 1));
  return {
    layers: [layer],
    tests: names.map((name) => ({
      ...withTun(kselftest(IN_TREE_COLLECTION, name, { timeoutS, seconds: SECONDS })),
      conclude: concludeLate,
    })),
  };
}

export const packetdrill: Suite = {
  name: 'packetdrill',
  summary:
    'scripts of a checkout of packetdrill, and those of the kernel’s tree: TCP and MPTCP packet by packet',
  collections: ['packetdrill', IN_TREE_COLLECTION],
  quick: ['mptcp/dss/*', 'tcp/blocking/*', `${IN_TREE_COLLECTION}:tcp_inq_*`],
  needs: {
    options: ['CONFIG_TUN', 'CONFIG_NET_NS', 'CONFIG_NET_SCH_FIFO'],
    tools: ['busybox', 'ip', 'python3', 'sysctl', 'tc'],
  },
  options: [
    {
      name: 'packetdrill',
      value: 'folder',
      description:
        'your checkout of packetdrill, which is built from a copy; without it there is nothing to run',
    },
  ],
  build: async (context) => {
    const [checkout] = context.options.packetdrill ?? [];
    if (checkout === undefined)
      return unmetSuite(
        'packetdrill',
        context.source.upstream,
        'no packetdrill to run scripts with: Debian has no package of it\n' +
          'name a checkout of yours: --packetdrill FOLDER, after git clone https://github.com/multipath-tcp/packetdrill',
      );
    const { rootfs, progress } = context;
    const tool = await buildPacketdrill(rootfs, checkout, progress);
    const runner = await ownLayer(
      rootfs,
      { name: 'packetdrill', folder: join(import.meta.dirname, 'guest'), to: GUEST_RUN },
      progress,
    );
    const kernels = await inTree(context);
    return {
      version: context.source.upstream,
      layers: [tool.layer, runner.layer, ...kernels.layers],
      tests: [...tool.scripts.map(scriptTest), ...kernels.tests],
      folder: (of) => (of === IN_TREE_COLLECTION ? `${GUEST_KSELFTEST}/${of}` : GUEST_NET),
      facts: { packetdrill: { revision: tool.revision, hash: tool.hash } },
    };
  },
};
