// SPDX-License-Identifier: GPL-2.0-only
import { UsageTrouble } from '../vm/trouble.ts';

/**
 * Words of a kernel command line: separated by blanks, which double quotes hold together, as next_arg() of
 * lib/cmdline.c reads them.
 *
 * @throws UsageTrouble for a quote that is never closed, and for what cannot stand on a command line
 */
export function kernelWords(text: string): string[] {
  const words = text.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const isWhole = text.replace(/"[^"]*"/g, '').includes('"') === false;
  if (isWhole && /^[\x20-\x7e]*$/.test(text)) return words;
  throw new UsageTrouble({
    happened: `${JSON.stringify(text)} cannot be put on a kernel’s command line.`,
    expected: 'printable ASCII; "double quotes" around a value with blanks, in pairs',
  });
}

export interface ModuleRequest {
  name: string;
  /** Words for the kernel's command line: modprobe takes a module's parameters from there, as built-in code does. */
  append: string[];
}

/**
 * Reads `NAME [PARAMETER[=VALUE]…]`.
 *
 * @throws UsageTrouble for anything else
 */
export function parseModule(text: string): ModuleRequest {
  const [name = '', ...parameters] = kernelWords(text);
  if (/^\w[\w-]*$/.test(name) && parameters.every((parameter) => /^\w[\w-]*(=.*)?$/.test(parameter)))
    return { name, append: parameters.map((parameter) => `${name.replaceAll('-', '_')}.${parameter}`) };
  throw new UsageTrouble({
    happened: `--module ${JSON.stringify(text)} is no module with its parameters.`,
    expected: "NAME PARAMETER=VALUE …, as for modprobe: --module 'dummy numdummies=2'",
  });
}
