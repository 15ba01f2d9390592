// SPDX-License-Identifier: GPL-2.0-only
import type { ResultWriter } from '../../results/store/types.ts';
import { sampleNow, start } from './sample.ts';
import { report } from './tests.ts';

/** What a guest may call its tests and say in its logs. */
const hostile = {
  script: '<script>alert(1)</script>',
  attribute: `"onmouseover="alert(1)' x='`,
  terminal: '\x1b[31mred\x1b[0m \x1b]0;title\x07end',
  control: 'a\x00b\x07c\u202ed',
  template: '{{version}} {{{version}}}',
  url: 'javascript:alert(1)',
};

export const hostileUuid = 'bbbbbbbb-5555-4555-8555-555555555555';

/** A run in which everything that comes from outside is hostile. */
export async function fillHostile(store: ResultWriter): Promise<void> {
  const all = Object.values(hostile).join(' ');
  const begin = start({
    uuid: hostileUuid,
    startedAt: sampleNow - 60_000,
    branch: hostile.script + hostile.attribute,
    revision: hostile.attribute,
    position: 1,
  });
  await store.startRun({
    ...begin,
    branch: { ...begin.branch, url: hostile.url },
    environment: { [hostile.script]: all, nested: { [hostile.attribute]: [all, all] } },
    command: all,
    planned: [],
  });
  const shown = [hostile.script, hostile.attribute, hostile.template];
  const test = report({
    name: hostile.script,
    subtests: shown,
    startedAt: sampleNow - 50_000,
    durationMs: 20,
    message: all,
    except: { [hostile.script]: { outcome: 'fail', message: all } },
  });
  const log = Buffer.concat([Buffer.from(`${all}\nnot ok 1 ${all}\n`), Buffer.from([0xff, 0xfe, 0x0a])]);
  await store.addTest(hostileUuid, {
    ...test,
    line: 2,
    logs: [{ kind: 'output', content: log }],
    problems: [{ line: 1, text: all }],
  });
  await store.finishRun(hostileUuid, { state: 'error', finishedAt: sampleNow, reason: all });
}
