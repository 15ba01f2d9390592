// SPDX-License-Identifier: GPL-2.0-only
// Run after `npm install` where the registry is a mirror without other platforms' binaries: npm then leaves
// those optional packages out of package-lock.json, and `npm ci` refuses the lock anywhere. Each gets an
// entry that says for which platform it is; npm skips it elsewhere and checks the rest where it is wanted.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Entry {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const SYSTEMS = [
  'android',
  'darwin',
  'freebsd',
  'netbsd',
  'openbsd',
  'openharmony',
  'linux',
  'win32',
  'sunos',
  'aix',
];
const PROCESSORS = [
  'arm64',
  'arm',
  'x64',
  'ia32',
  'riscv64',
  'ppc64',
  's390x',
  'loong64',
  'mips64el',
  'wasm32',
];

/** What a binary package's name says of its platform: `@oxc-parser/binding-linux-arm-musleabihf`. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> | null {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.find((system) =>
    words.some((word) => word === system || word.startsWith(`${system}musl`)),
  );
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (!cpu) return null;
  const libc = words.some((word) => word.includes('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : null;
  return { ...(os ? { os: [os] } : {}), cpu: [cpu], ...(libc && os === 'linux' ? { libc: [libc] } : {}) };
}

const path = join(import.meta.dirname, '../package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> };
let added = 0;
for (const [parent, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place]) continue;
    const platform = platformOf(name);
    if (!platform || !/^\d/.test(range)) {
      process.stderr.write(
        `${name} ${range}, wanted by ${parent}, is not in the lock and names no platform\n`,
      );
      process.exitCode = 1;
      continue;
    }
    lock.packages[place] = {
      version: range,
      ...platform,
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} entries added\n`);
