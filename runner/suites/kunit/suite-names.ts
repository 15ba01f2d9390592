// SPDX-License-Identifier: GPL-2.0-only
import { Elf } from './elf.ts';

/** `const char name[256]` at the beginning of struct kunit_suite (include/kunit/test.h). */
const NAME_BYTES = 256;

/**
 * The KUnit suites that a module holds: kunit_test_suites() leaves pointers to them in a section of its own, and in
 * another one for what the kernel forgets once it is initialised. None for what is no module of KUnit's.
 */
export function suitesOfModule(bytes: Buffer): string[] {
  return reading(() => {
    const elf = new Elf(bytes);
    return ['.kunit_test_suites', '.kunit_init_test_suites'].flatMap((table) =>
      elf.pointersOf(table).map(({ section, at }) => elf.text(section, at, NAME_BYTES)),
    );
  });
}

/**
 * Those that are built into a kernel, by the two symbols between which the linker puts the pointers
 * (include/asm-generic/vmlinux.lds.h); null where the image has no symbols.
 */
export function suitesOfImage(bytes: Buffer): string[] | null {
  let known = false;
  const names = reading(() => {
    const elf = new Elf(bytes);
    const symbols = elf.symbols();
    known = symbols.length > 0;
    const address = (name: string) => symbols.find((symbol) => symbol.name === name)?.value ?? 0n;
    return ['__kunit_suites', '__kunit_init_suites'].flatMap((table) =>
      elf.words(address(`${table}_start`), address(`${table}_end`)).map((pointer) => {
        const place = elf.place(pointer);
        return place ? elf.text(place.section, place.at, NAME_BYTES) : '';
      }),
    );
  });
  return known ? names : null;
}

/** A file that is not what it should be has none: whoever loads it will be told why by the kernel. */
function reading(read: () => string[]): string[] {
  try {
    return [...new Set(read().filter(Boolean))];
  } catch {
    return [];
  }
}
