// SPDX-License-Identifier: GPL-2.0-only

/**
 * What compilers and linkers append to the name of a function that they cloned or moved: GCC's `.isra.0`,
 * `.constprop.0`, `.part.0`, `.cold`, LLVM's `.llvm.123`, `.__uniq.123`, `.lto_priv.0`, kCFI's `.cfi_jt`.
 * C knows no dot in a name, so all from the first dot on goes; ppc64's `.func` begins with one.
 */
const suffix = /(?<=.)\.[\w.$]*$/;

/**
 * The entry points that one system call has: `__do_sys_read`, `__se_sys_read`, `SyS_read`, `SYSC_read` hold its
 * code and are called `read`; `__x64_sys_read`, `__arm64_compat_sys_read` are the way in and are called `sys_read`.
 */
const body = /^(?:__(?:do|se)_(?:compat_)?sys_|(?:C_|compat_)?S(?:yS|YSC)_)(?=\w)/;
const entry = /^_*(?:x64|ia32|arm64|riscv|s390x?|loongarch|powerpc)_(?=(?:compat_)?sys_\w)/;

/** The name as the source has it, for titles. Rust's paths stay as they are. */
export function sourceName(symbol: string): string {
  if (symbol.includes('::')) return symbol;
  const name = symbol.replace(suffix, '');
  if (name.startsWith('.')) return name.slice(1);
  return name.replace(body, '').replace(entry, '');
}

/**
 * The name for comparing builds: a wrapper and what it wraps (`__foo`, `_foo`, `foo`; `foo_noprof`; `ksys_read`,
 * `sys_read`, `read`) are one, because a compiler may fold one into the other.
 */
export function familyName(name: string): string {
  const plain = name.replace(/^_{0,8}(?:k?sys_|compat_sys_)?(?=[a-zA-Z])/, '');
  return plain.endsWith('_noprof') ? plain.slice(0, -7) : plain;
}
