#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that an old one gets a sentence instead of a stack trace.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `cove needs Node 22.18 or newer; this is ${process.versions.node}.\nInstall a newer one from https://nodejs.org, or: npm install --global node@24`,
  );
  process.exit(1);
}
process.getBuiltinModule("node:module").enableCompileCache();
await import("../dist/cli.js");
