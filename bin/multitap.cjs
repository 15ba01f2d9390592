#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
// The launcher. Plain JavaScript on purpose: it must load on any Node, find one that is new enough
// (Node 24 runs TypeScript as it is) and hand over before anything else is loaded (better-sqlite3 13
// crashes the process on Node 20).
const { spawn } = require('node:child_process');
const { existsSync, realpathSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');

const NEEDED = 24;
const root = dirname(dirname(realpathSync(__filename)));
const ownNode = join(root, 'node_modules', '.bin', 'node');

function handOver() {
  if (!existsSync(ownNode)) {
    process.stderr.write(
      `multitap: needs Node ${NEEDED} or newer; this is ${process.version}, and ${ownNode} is not there.\n` +
        `Expected: the Node ${NEEDED} that npm installs with the project.\n` +
        `Do: (cd ${root} && npm ci), then try again.\n`,
    );
    process.exit(3);
  }
  // Over the channel the other side notices when we are killed, and ends its guests.
  const child = spawn(ownNode, [__filename, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // The terminal sends Ctrl-C to the whole group; what is sent to the launcher alone is passed on.
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (Number(process.versions.node.split('.')[0]) >= NEEDED)
  import(pathToFileURL(join(root, 'bin', 'main.ts')).href).catch((error) => {
    process.stderr.write(
      `multitap: could not be loaded: ${error.message}\n` +
        `Expected: the packages that npm installs with the project.\n` +
        `Do: (cd ${root} && npm ci), then try again.\n`,
    );
    process.exit(3);
  });
else handOver();
