/** Whether a file gives rights to what it starts (capabilities(7)); false where that can't be told. */
export async function hasFileCapabilities(path: string): Promise<boolean> {
  if (process.platform !== "linux") return false;
  try {
    // Loaded only when needed: it takes some 6 ms.
    const { getxattr } = await import("./system-calls.ts");
    return getxattr(path, "security.capability", Buffer.alloc(64), 64) > 0;
  } catch {
    return false;
  }
}
