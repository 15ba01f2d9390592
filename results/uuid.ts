// SPDX-License-Identifier: GPL-2.0-only

/** Of any version, in any case, as RFC 9562 writes them. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
