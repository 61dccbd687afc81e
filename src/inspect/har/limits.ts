/** Bytes of an archive that is imported, at the most: 256 MiB. */
export const HAR_MOST = 256 * 1024 * 1024;
