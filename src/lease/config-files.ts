/** Names of Cove's config, in the order in which they are looked for. */
export const CONFIG_FILES = [
  "cove.config.ts",
  "cove.config.js",
  "cove.config.mjs",
  "cove.yaml",
  "cove.yml",
  "cove.json",
] as const;
