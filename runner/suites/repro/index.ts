// SPDX-License-Identifier: GPL-2.0-only
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageTrouble } from '../../../vm/trouble.ts';
import { exitOnly } from '../exit-code.ts';
import type { PlannedTest, Verdict } from '../planned-test.ts';
import type { Suite, SuiteContext } from '../suite.ts';
import { compile, GUEST_REPRO, programOf, type Source } from './build.ts';

const COLLECTION = 'repro';
const MAX_BYTES = 4 * 2 ** 20;
const SECONDS = { usual: 30, most: 86_400 };
/** Beyond its time: until its namespace is gone, on a real machine. */
const GRACE_S = 60;

/** Exit code of SCRIPT where it could not begin. */
const NOT_STARTED = 99;

/**
 * Starts a reproducer again and again until its time is over. It is root, and hostile: in a PID namespace of its own,
 * whose init is not the reproducer, it can signal neither us nor the agent, reboot(2) ends the namespace only, and all
 * that it has left running ends with it. Arguments: the program, seconds.
 */
const SCRIPT = `
apart='unshare --pid --fork --kill-child --mount-proc'
[ -x "$1" ] && $apart true && work=$(mktemp -d) && cd "$work" || exit ${NOT_STARTED}
end=$((SECONDS + $2)) times=0
while left=$((end - SECONDS)); [ "$left" -gt 0 ]; do
	timeout --foreground --signal=KILL "$left" \\
		$apart sh -c '"$0" < /dev/null; exit $?' "$1"
	code=$? times=$((times + 1))
done
echo "started $times times in $2 s; the last time it ended with $code"
`;

/** @throws UsageTrouble for a time that is none */
function secondsOf(options: SuiteContext['options']): number {
  const [text] = options['repro-seconds'] ?? [];
  const seconds = Number(text ?? SECONDS.usual);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= SECONDS.most) return seconds;
  throw new UsageTrouble({
    happened: `--repro-seconds ${JSON.stringify(text)} is no time.`,
    expected: `whole seconds, 1 to ${SECONDS.most}`,
  });
}

/** @throws UsageTrouble for files that cannot be read, and for several of one name */
async function readSources(options: SuiteContext['options']): Promise<Source[]> {
  const files = options.repro ?? [];
  if (files.length === 0)
    throw new UsageTrouble({
      happened: 'The suite repro needs to be told which reproducers.',
      expected: 'multitap run repro --repro FILE.c, as syzkaller publishes them; may be repeated',
    });
  const names = files.map((file) => basename(file));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageTrouble({
      happened: `--repro: two files are called ${twice}.`,
      expected: 'names of their own: a result is known by its file’s name',
    });
  return Promise.all(
    files.map(async (file, i) => {
      const found = await stat(file).catch(() => null);
      if (!found?.isFile() || found.size > MAX_BYTES || !/^[\w][\w.+=@-]*\.c$/.test(names[i]!))
        throw new UsageTrouble({
          happened: `--repro: ${file} ${found?.isFile() ? 'is no reproducer' : 'is no file'}.`,
          expected: `a C source, NAME.c, of at most ${MAX_BYTES / 2 ** 20} MiB`,
        });
      return { name: names[i]!, text: await readFile(file) };
    }),
  );
}

/** That it ran is all that is asked of it: what the kernel makes of it is read from the kernel's log. */
function conclude({ code }: { code: number }): { verdict: Verdict; subtests: [] } {
  if (code === 0) return { verdict: { outcome: 'pass', message: '' }, subtests: [] };
  const why =
    code === NOT_STARTED
      ? 'it could not be started in a PID namespace'
      : `exit code ${code} of what starts it`;
  return { verdict: { outcome: 'error', message: why }, subtests: [] };
}

function planned(index: number, { name }: Source, seconds: number, error: string | null): PlannedTest {
  return {
    ...{ collection: COLLECTION, name, format: exitOnly, conclude },
    ...{ timeoutS: seconds + GRACE_S, expectedSeconds: seconds },
    start: () => ({
      argv: ['bash', '-c', SCRIPT, 'repro', `${GUEST_REPRO}/${programOf(index)}`, String(seconds)],
      cwd: '/tmp',
    }),
    ...(error === null ? {} : { instead: { outcome: 'error', message: error } }),
  };
}

export const repro: Suite = {
  name: 'repro',
  summary: 'C reproducers as syzkaller publishes them',
  collections: [COLLECTION],
  quick: [],
  needs: { options: ['CONFIG_PID_NS'], tools: ['timeout', 'unshare'] },
  options: [
    { name: 'repro', value: 'file', description: 'a reproducer’s C source', many: true },
    {
      name: 'repro-seconds',
      value: 'seconds',
      description: `how long each is run, 1 to ${SECONDS.most} (default: ${SECONDS.usual})`,
    },
  ],
  check: async (options) => {
    secondsOf(options);
    await readSources(options);
  },
  build: async ({ options, rootfs, progress }) => {
    const seconds = secondsOf(options);
    const sources = await readSources(options);
    const { layer, key, errors } = await compile(rootfs, sources, progress);
    return {
      ...{ version: `repro ${key}`, layers: [layer], folder: () => GUEST_REPRO },
      tests: sources.map((source, i) => planned(i, source, seconds, errors[i]!)),
      facts: { seconds },
    };
  },
};
