// SPDX-License-Identifier: GPL-2.0-only
import { findFormat } from '../../../results/formats/registry.ts';
import { tap } from '../../../results/formats/tap/index.ts';
import { UsageTrouble } from '../../../vm/trouble.ts';
import { byExitCode, exitOnly } from '../exit-code.ts';
import { unmetNeeds } from '../needs.ts';
import type { PlannedTest } from '../planned-test.ts';
import type { Suite, SuiteContext } from '../suite.ts';
import { unmetSuite } from '../unmet.ts';
import { type CustomFile, readCustom } from './file.ts';
import { buildLayer, guestFolder } from './layer.ts';
import type { CustomTest } from './shape.ts';
import { takeFiles } from './tree.ts';

async function readOption(options: SuiteContext['options']): Promise<CustomFile> {
  const [named] = options.custom ?? [];
  if (named !== undefined) return readCustom(named);
  throw new UsageTrouble({
    happened: 'The suite custom needs to be told which tests.',
    expected: 'multitap run custom --custom FILE, a multitap.yaml or the folder that it is in',
  });
}

/** Line-buffered as kselftest's runner.sh has it: what was printed before a crash has arrived. */
function argvOf({ run }: CustomTest): string[] {
  return ['stdbuf', '--output=L', ...(typeof run === 'string' ? ['bash', '-c', run] : run)];
}

function planned(file: CustomFile, test: CustomTest, missing: string | null): PlannedTest {
  const format = findFormat(test.format) ?? exitOnly;
  return {
    ...{ collection: `custom/${file.name}`, name: test.name, timeoutS: test.timeout, format },
    expectedSeconds: Math.min(60, test.timeout),
    start: () => ({
      argv: argvOf(test),
      cwd: file.files.length > 0 ? guestFolder(file.name) : '/',
      env: { ...file.env, ...test.env },
    }),
    ...(format === tap ? {} : { conclude: byExitCode }),
    ...(missing === null ? {} : { instead: { outcome: 'skip', message: missing } }),
  };
}

export const custom: Suite = {
  name: 'custom',
  summary: 'tests of your own, as a multitap.yaml describes them',
  collections: ['custom/*'],
  quick: [],
  needs: {},
  options: [{ name: 'custom', value: 'file', description: 'a multitap.yaml, or the folder that it is in' }],
  check: async (options) => void (await readOption(options)),
  build: async ({ options, kernel, rootfs, progress }) => {
    const file = await readOption(options);
    const collection = `custom/${file.name}`;
    const lacking = await unmetNeeds(file.needs, { kernel, rootfs });
    if (lacking !== null) return unmetSuite(collection, file.name, lacking);
    const tests = await Promise.all(
      file.tests.map(async (test) => planned(file, test, await unmetNeeds(test.needs, { kernel, rootfs }))),
    );
    if (file.files.length === 0) return { version: file.name, layers: [], tests, folder: () => '/' };
    const taken = await takeFiles(file.folder, file.files);
    const { layer, key } = await buildLayer(rootfs, file, taken, progress);
    return {
      ...{ version: `${file.name} ${key}`, layers: [layer], tests },
      folder: () => guestFolder(file.name),
      facts: { files: taken.paths.length, bytes: taken.bytes, build: file.build ?? null },
    };
  },
};
