// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Express } from 'express';
import { openStore } from '../../results/store/index.ts';
import type { Store } from '../../results/store/types.ts';
import { createApp } from '../server.ts';
import { sampleNow } from './sample.ts';

export interface TestSite {
  app: Express;
  store: Store;
  /** What went to the log. */
  logged: string[];
  close(): Promise<void>;
}

/** The dashboard on a real store in a directory of its own. */
export async function testSite(fill?: (store: Store) => Promise<unknown>): Promise<TestSite> {
  const directory = await mkdtemp(path.join(tmpdir(), 'multitap-dashboard-'));
  const store = await openStore(directory);
  await fill?.(store);
  const logged: string[] = [];
  const app = createApp({
    reader: store,
    version: '0.0.0-test',
    now: () => sampleNow,
    log: (text) => logged.push(text),
  });
  return {
    app,
    store,
    logged,
    async close() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
