// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { familyName, sourceName } from './function-name.ts';

test.each([
  ['tcp_ack.isra.0', 'tcp_ack'],
  ['tcp_ack.constprop.0.isra.12', 'tcp_ack'],
  ['tcp_ack.cold', 'tcp_ack'],
  ['tcp_ack.cold.76', 'tcp_ack'],
  ['tcp_ack.part.0', 'tcp_ack'],
  ['tcp_ack.llvm.1234567890', 'tcp_ack'],
  ['tcp_ack.__uniq.123.llvm.9', 'tcp_ack'],
  ['.tcp_ack', 'tcp_ack'],
  ['__do_sys_mremap', 'mremap'],
  ['SyS_mount', 'mount'],
  ['__x64_sys_futex', 'sys_futex'],
  ['__arm64_compat_sys_ioctl', 'compat_sys_ioctl'],
  ['<rust_binder::process::Process>::update_ref', '<rust_binder::process::Process>::update_ref'],
])('the source has %s as %s', (symbol, name) => {
  expect(sourceName(symbol)).toBe(name);
});

test.each([
  [['__tcp_ack', '_tcp_ack', 'tcp_ack'], 'tcp_ack'],
  [['sys_read', 'ksys_read', 'read'], 'read'],
  [['kmalloc_noprof', '__kmalloc_noprof', 'kmalloc'], 'kmalloc'],
])('%j are one family', (names, family) => {
  for (const name of names) expect(familyName(name)).toBe(family);
});
