// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** A process that handles interrupts and says what happens to it. */
async function started(careful: boolean) {
  const code = `
    const { handleInterrupts } = await import(${JSON.stringify(join(import.meta.dirname, 'interrupt.ts'))});
    const interrupts = handleInterrupts();
    if (${careful}) interrupts.inOrder();
    interrupts.signal.addEventListener('abort', () => console.log('aborted'));
    setInterval(() => {}, 1000);
    console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const next = async () => String((await once(child.stdout, 'data'))[0]).trim();
  expect(await next()).toBe('ready');
  return { child, next, said: () => said };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends at once while there is nothing to end',
  async (signal) => {
    const { child, said } = await started(false);
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(said()).toContain('the same command goes on from there');
  },
);

test('a run is stopped in order, and at once when asked once more', async () => {
  const { child, next, said } = await started(true);
  child.kill('SIGINT');
  expect(await next()).toBe('aborted');
  expect(child.exitCode).toBeNull();
  await expect.poll(said).toContain('once more to stop at once');
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(said()).toContain('stopped at once');
});
