// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { getDebugInfo } from '../vm/kernel/debug-info.ts';
import { decodeTrace } from '../vm/kernel/decode.ts';
import type { PackagedKernel } from '../vm/kernel/kernel.ts';
import { getSource } from '../vm/kernel/source.ts';
import { silent } from '../vm/progress.ts';
import { inSandbox } from '../vm/rootfs/sandbox.ts';
import { preparedGuest } from './support/guest.ts';
import { folderForTest } from './support/program.ts';
import { all } from './support/slow.ts';

describe('a kernel’s trace', () => {
  it('is decoded by the kernel’s own script, here against a small program with debug information', async () => {
    const { rootfs, kernel } = await preparedGuest();
    const dir = await folderForTest('decode');
    const modules = join(dir, 'modules');
    await mkdir(modules);
    await writeFile(
      join(dir, 'fault.c'),
      'int faulty(int *p)\n{\n\treturn *p + 1;\n}\nint main(void)\n{\n\treturn faulty(0);\n}\n',
    );
    const compile = [
      'gcc',
      '-g',
      '-O0',
      '-fno-pie',
      '-no-pie',
      '-o',
      join(dir, 'vmlinux'),
      join(dir, 'fault.c'),
    ];
    await inSandbox({ root: rootfs.tree, writable: [dir] }, compile);
    const script = join(await getSource(rootfs, kernel, silent), 'scripts/decode_stacktrace.sh');
    const trace =
      '[    5.1] BUG: kernel NULL pointer dereference\n[    5.2] Call Trace:\n[    5.2]  faulty+0x8/0x20\n';
    const decoded = await decodeTrace(rootfs, { vmlinux: join(dir, 'vmlinux'), modules, script }, trace);
    expect(decoded).toMatch(/faulty \(.*fault\.c:[23]\)/);
    expect(decoded).toContain('BUG: kernel NULL pointer dereference');
  });

  it('with Debian’s debug information names the kernel’s files and lines', async ({ skip }) => {
    if (!all) skip('downloads 300 MB: script/test --all');
    const { rootfs, kernel } = await preparedGuest();
    const debug = await getDebugInfo(rootfs, kernel as PackagedKernel, silent);
    const decoded = await decodeTrace(rootfs, debug, '[    5.1]  write_sysrq_trigger+0x59/0xa0\n');
    expect(decoded).toMatch(/write_sysrq_trigger \(drivers\/tty\/sysrq\.c:\d+\)/);
  });
});
