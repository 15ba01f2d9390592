// SPDX-License-Identifier: GPL-2.0-only
import type { z } from 'zod';

/** The first thing that is wrong with a value, and where in it: never the value itself, which may be of any size. */
export function wrong(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  return `${path.length === 0 ? '' : `${path.join('.')}: `}${message}`.slice(0, 300);
}
