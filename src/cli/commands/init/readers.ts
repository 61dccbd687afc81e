import { compose } from "./readers/compose.ts";
import { dotnet } from "./readers/dotnet.ts";
import { envExample } from "./readers/env-example.ts";
import type { Reader } from "./readers/finding.ts";
import { go } from "./readers/go.ts";
import { java } from "./readers/java.ts";
import { packageJson } from "./readers/package-json.ts";
import { php } from "./readers/php.ts";
import { prisma } from "./readers/prisma.ts";
import { procfile } from "./readers/procfile.ts";
import { python } from "./readers/python.ts";
import { ruby } from "./readers/ruby.ts";
import { rust } from "./readers/rust.ts";
import { sequelize } from "./readers/sequelize.ts";
import { viteProxy } from "./readers/vite-proxy.ts";

/** Every kind of file that `cove init` reads. A new one is a file in `readers/` and a line here; what comes first counts more. */
export const READERS: readonly Reader[] = [
  ...[procfile, compose, python, ruby, php, java, go, rust, dotnet],
  ...[packageJson, viteProxy, prisma, sequelize, envExample],
];
