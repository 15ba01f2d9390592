// SPDX-License-Identifier: GPL-2.0-only
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Step } from '../../progress.ts';
import { readInside } from '../../read-inside.ts';
import { inSandbox, type SandboxOptions } from '../../rootfs/sandbox.ts';
import { makeFailures } from './make-failures.ts';
import { programsOf, testsOf, withoutProgram } from './sources.ts';

/** A test that could not be built, and the compiler's words. */
export interface LeftOut {
  name: string;
  message: string;
}

/** What a build of test_progs, in one of its flavours, came to. */
export interface BuiltRunner {
  tests: string[];
  leftOut: LeftOut[];
  /** Files that are not to be made, because they cannot. */
  without: string[];
}

/** Programs that fail, then tests that fail without them, then what only the linker sees: more rounds than that. */
const ROUNDS_MAX = 6;

/** The steps of the selftests' Makefile, `  CLNG-BPF [test_progs] mptcp_sock.bpf.o`, as progress. */
function follow(stdout: NodeJS.ReadableStream, goal: string, step: Step): void {
  let files = 0;
  let rest = '';
  stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, tool, file] = /^ {2}([A-Z][A-Z-]*) +(?:\[[\w-]+\] +)?(\S+)$/.exec(line) ?? [];
      if (tool) step.update({ text: `${goal}, ${++files} files: ${tool} ${file!.split('/').at(-1)}` });
    }
  });
}

/**
 * What the Makefile asks clang for anew with each program (`get_sys_includes` of up to Linux 7.3) is asked once; debug
 * information of programs for the host, which is stripped in the end, is not made.
 */
const MAKE = `
includes=$(clang -v -E - </dev/null 2>&1 |
	sed -n '/<...> search starts here:/,/End of search list./{ s| \\(/.*\\)|-idirafter \\1|p }')
exec make CLANG_SYS_INCLUDES="$(echo $includes)" MENDIAN=-mlittle-endian SAN_CFLAGS=-g0 "$@"
`;

/** Runs `make` in the folder of the BPF selftests; `-o` keeps it from making, or missing, a file. */
export async function makeBpf(
  { sandbox, vmlinux, without }: { sandbox: SandboxOptions; vmlinux: string; without: readonly string[] },
  goals: readonly string[],
  step: Step,
): Promise<{ failed: boolean; output: string }> {
  const command = [
    ...['bash', '-c', MAKE, 'make', '-k', '--output-sync=target', `-j${availableParallelism()}`, 'ARCH=x86'],
    `VMLINUX_BTF=${vmlinux}`,
    ...without.flatMap((file) => ['-o', file]),
    ...goals,
  ];
  const running = inSandbox(sandbox, command, { reject: false, all: true });
  follow(running.stdout, goals[0]!, step);
  const made = await running;
  return { failed: made.failed, output: made.all };
}

/** The files of `prog_tests/` as they are, by their names without the ending. */
async function readTests(bpf: string): Promise<Map<string, string>> {
  const folder = join(bpf, 'prog_tests');
  const names = (await readdir(folder)).filter((name) => /^\w+\.c$/.test(name));
  const read = names.map(async (name) => {
    const text = await readInside(bpf, join(folder, name));
    return [name.slice(0, -2), text.toString('utf8')] as const;
  });
  return new Map(await Promise.all(read));
}

/**
 * Builds test_progs, or a flavour of it, with as many of its tests as can be built: what fails to compile is left out,
 * with the tests that need it, until the rest links.
 *
 * @param without files that are not to be made, whether they are there or not
 * @param said gets what make says
 * @throws Error with the first words of what fails and is none of the tests
 */
export async function buildRunner(
  {
    sandbox,
    bpf,
    vmlinux,
    without,
  }: {
    sandbox: SandboxOptions;
    /** The folder of the BPF selftests, in a copy of the source that may be changed. */
    bpf: string;
    vmlinux: string;
    without: readonly string[];
  },
  runner: string,
  step: Step,
  said: string[],
): Promise<BuiltRunner> {
  const flavour = runner.slice('test_progs'.length + 1);
  const folder = join(bpf, flavour);
  const pristine = await readTests(bpf);
  const left = new Map(pristine);
  const leftOut = new Map<string, string>();
  const broken = new Map<string, string>();
  const leave = (names: readonly string[], message: string) => {
    for (const name of names) if (!leftOut.has(name)) leftOut.set(name, message);
  };
  const replace = async (file: string, source: string) => {
    left.set(file, source);
    // In the sandbox: what was built may have made a link of it.
    const path = join(bpf, 'prog_tests', `${file}.c`);
    await inSandbox(sandbox, ['sh', '-c', 'cat > "$0"', path], { input: source, stdin: 'pipe' });
  };
  const leaveFile = async (file: string, message: string) => {
    leave(testsOf(left.get(file)!), message);
    await replace(file, '');
  };
  const leaveProgram = async (program: string, message: string) => {
    broken.set(program, message);
    for (const [file, source] of left) {
      if (!programsOf(source).includes(program)) continue;
      const less = withoutProgram(source, program);
      if (!less) await leaveFile(file, message);
      else {
        leave(less.tests, message);
        await replace(file, less.source);
      }
    }
  };

  const skipped = () => [
    ...without,
    ...[...broken.keys()].flatMap((name) =>
      ['bpf.o', 'skel.h', 'lskel.h'].map((ending) => join(folder, `${name}.${ending}`)),
    ),
  ];
  for (let round = 1; ; round++) {
    const made = await makeBpf({ sandbox, vmlinux, without: skipped() }, [runner], step);
    said.push(`$ make ${runner}, round ${round}\n${made.output}\n`);
    if (!made.failed) break;
    const failures = makeFailures(made.output, bpf);
    let news = 0;
    for (const { target, message } of failures) {
      const [, program] = /^(\w+)\.(?:bpf\.o|l?skel\.h)$/.exec(target) ?? [];
      const [, file] = /^(\w+)\.test\.[od]$/.exec(target) ?? [];
      if (program !== undefined && !broken.has(program)) await leaveProgram(program, message);
      else if (file !== undefined && left.get(file)) await leaveFile(file, message);
      else continue;
      news++;
    }
    if (news === 0 || round === ROUNDS_MAX)
      throw new Error(failures.at(-1)?.message || made.output.trimEnd().split('\n').slice(-6).join('\n'));
  }
  const tests = [...left.values()].flatMap(testsOf).filter((name) => !leftOut.has(name));
  return {
    tests: [...new Set(tests)].sort(),
    leftOut: [...leftOut].map(([name, message]) => ({ name, message })),
    without: skipped(),
  };
}
