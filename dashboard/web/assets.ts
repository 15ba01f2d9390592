// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { RequestHandler } from 'express';

const folder = new URL('../assets/', import.meta.url);

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface Assets {
  /** The address of an asset with its content's hash in it: it may be cached for ever. */
  url(name: string): string;
  serve: RequestHandler;
}

/**
 * Reads every asset into memory: they are few and small, and then no request can name a file.
 * A folder becomes one file: `style/*.css`, in the order of their names, is `style.css`.
 */
export function loadAssets(): Assets {
  const byName = new Map<string, string>();
  const byPath = new Map<string, { type: string; body: Buffer; hash: string }>();
  for (const { name, body } of sources()) {
    const type = types[extname(name)];
    if (!type) continue;
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
    const path = `/${name.slice(0, -extname(name).length)}.${hash}${extname(name)}`;
    byName.set(name, `/assets${path}`);
    byPath.set(path, { type, body, hash });
  }
  return {
    url(name) {
      const url = byName.get(name);
      if (!url) throw new Error(`no asset ${name}; there are ${[...byName.keys()].join(', ')}`);
      return url;
    },
    serve(request, response, next) {
      const asset = byPath.get(request.path);
      if (!asset) return next();
      response
        .set('Cache-Control', 'public, max-age=31536000, immutable')
        .set('ETag', `"${asset.hash}"`)
        .type(asset.type)
        .send(asset.body);
    },
  };
}

function sources(): { name: string; body: Buffer }[] {
  return readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const url = new URL(entry.name, folder);
    if (!entry.isDirectory()) return { name: entry.name, body: readFileSync(url) };
    const parts = readdirSync(url).sort();
    const body = Buffer.concat(parts.map((part) => readFileSync(new URL(`${entry.name}/${part}`, folder))));
    return { name: `${entry.name}.css`, body };
  });
}
