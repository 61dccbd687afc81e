import { z } from "@hono/zod-openapi";
import { SEVERITIES } from "../../../audit/finding.ts";
import { serviceState } from "../../../stack/session/messages.ts";
import type { AuditView, PortsView } from "../../view/view.ts";
import { shownAddress } from "./schemas.ts";

/** The shapes of looks at this machine, for the OpenAPI document. `satisfies` keeps them equal to view.ts. */
const container = z.object({ engine: z.string().nullable(), id: z.string(), name: z.string().nullable() });

const processFacts = z.object({
  pid: z.number(),
  parent: z.number().nullable(),
  command: z.string().nullable().openapi({ description: "The command line; passwords in URLs are hidden" }),
  program: z.string().nullable(),
  user: z.string().nullable(),
  uid: z.number().nullable(),
  cwd: z.string().nullable(),
  project: z.string().nullable(),
  startedAt: z.number().nullable().openapi({ description: "Epoch ms" }),
  container: container.nullable(),
});

const portUse = z
  .discriminatedUnion("use", [
    z.object({ use: z.literal("door"), label: z.string(), pid: z.number().nullable() }),
    z.object({
      use: z.literal("service"),
      label: z.string(),
      stack: z.string(),
      service: z.string(),
      kind: z.string(),
      state: z.enum(serviceState.options),
      url: z.string(),
      pid: z.number().nullable(),
      root: z.string(),
    }),
    z.object({
      use: z.literal("edge"),
      label: z.string(),
      stack: z.string(),
      from: z.string(),
      to: z.string(),
      root: z.string(),
    }),
    z.object({ use: z.literal("alias"), label: z.string(), url: z.string() }),
    z.object({
      use: z.literal("lease"),
      label: z.string(),
      holder: z.string(),
      root: z.string(),
      branch: z.string().nullable(),
    }),
  ])
  .openapi("PortUse");

const listener = z
  .object({
    protocol: z.enum(["tcp", "udp"]),
    host: z.string(),
    port: z.number(),
    exposure: z.enum(["loopback", "lan", "everywhere"]),
    v6only: z.boolean().nullable(),
    reusePort: z.boolean().nullable(),
    pids: z.array(z.number()).readonly(),
    uid: z.number().nullable(),
    user: z.string().nullable(),
    process: processFacts.nullable(),
    container: container.nullable(),
    cove: portUse.nullable(),
  })
  .openapi("Listener");

const range = z.tuple([z.number(), z.number()]).readonly();

export const portsView = z
  .object({
    listeners: z.array(listener).readonly(),
    conflicts: z
      .array(
        z.object({
          port: z.number(),
          kind: z.enum(["localhost", "shadowed", "shared", "apart"]),
          between: z.array(z.object({ host: z.string(), pids: z.array(z.number()).readonly() })).readonly(),
        }),
      )
      .readonly(),
    leases: z.array(shownAddress.extend({ holder: z.string(), root: z.string() })).readonly(),
    leaseRange: range,
    ephemeral: range.nullable(),
    unprivilegedFrom: z.number(),
    notes: z.array(z.string()).readonly(),
  })
  .openapi("Ports") satisfies z.ZodType<PortsView>;

const finding = z
  .object({
    rule: z.string(),
    severity: z.enum(SEVERITIES),
    what: z.string(),
    why: z.string(),
    fix: z.string(),
    command: z.string().exactOptional(),
    where: z.string(),
    port: z.number().exactOptional(),
    protocol: z.enum(["tcp", "udp"]).exactOptional(),
    pid: z.number().exactOptional(),
    autofix: z.object({ chmod: z.string(), mode: z.number() }).exactOptional(),
  })
  .openapi("Finding");

export const auditView = z
  .object({
    findings: z.array(finding).readonly(),
    firewall: z.object({ name: z.string().nullable(), state: z.enum(["filters", "open", "unknown"]) }),
    looked: z.object({ listeners: z.number(), containers: z.number() }),
    seesAllProcesses: z.boolean(),
  })
  .openapi("Audit") satisfies z.ZodType<AuditView>;
