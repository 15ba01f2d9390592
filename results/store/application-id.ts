// SPDX-License-Identifier: GPL-2.0-only

/** 'mtap' in the header of every database of multitap's: how it tells its own from other programs' SQLite files. */
export const applicationId = 0x6d746170;
