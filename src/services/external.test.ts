import { describe, expect, test } from "vitest";
import { isFault, orThrow } from "../fault/fault.ts";
import { type ExternalOptions, external } from "./external.ts";
import { externalSchema } from "./external-options.ts";
import { factsOf, familyOf } from "./kind/edge-facts.ts";
import { variablesOf } from "./kind/edge-variables.ts";
import type { ServiceContext } from "./kind/kind.ts";

const at = { host: "127.0.0.1", port: 61009 };
/** What a consumer is told of the service `pay`, places aside. */
async function told(options: ExternalOptions) {
  const url = orThrow((await external.url?.({ options } as ServiceContext<ExternalOptions>, at)) ?? "");
  const family = familyOf(external, options);
  const { named, conventional } = variablesOf("pay", family, factsOf(family, at, url));
  return { PAY_URL: named.PAY_URL, DATABASE_URL: conventional.DATABASE_URL, REDIS_URL: conventional.REDIS_URL };
}

describe("an external service", () => {
  test.each([
    [4000, { host: "localhost", port: 4000 }, "http"],
    ["localhost:4000", { host: "localhost", port: 4000 }, "http"],
    ["0.0.0.0:4000", { host: "localhost", port: 4000 }, "http"],
    ["[::1]:4000", { host: "::1", port: 4000 }, "http"],
    ["http://pay.test/v1", { host: "pay.test", port: 80 }, "http"],
    ["postgresql://u:p@db.test/app", { host: "db.test", port: 5432 }, "postgres"],
    ["redis://cache.test", { host: "cache.test", port: 6379 }, "redis"],
    ["amqp://mq.test", { host: "mq.test", port: 5672 }, "tcp"],
  ])("at %s is where it says, and speaks what it says", (where, address, protocol) => {
    expect(externalSchema.safeParse({ at: where }).success).toBe(true);
    expect(external.address?.({ at: where })).toEqual(address);
    expect(external.protocol({ at: where })).toBe(protocol);
  });

  test.each([
    ["https://pay.test", "can't be https"],
    ["wss://pay.test", "can't be wss"],
    ["pay.test", "names no port"],
    ["127.0.0.1:0", "port 0"],
    ["127.0.0.1:70000", "no usable port"],
    [70000, "no usable port"],
  ])("can't be at %s", (where, message) => {
    const result = externalSchema.safeParse({ at: where });
    expect(result.success).toBe(false);
    expect(result.error?.issues.map((issue) => issue.message).join()).toContain(message);
  });

  test("tells a consumer the edge's address, with all else that its URL held", async () => {
    expect(await told({ at: "postgres://ann:s%40@db.test:5432/app?sslmode=disable" })).toEqual({
      PAY_URL: "postgres://ann:s%40@127.0.0.1:61009/app?sslmode=disable",
      DATABASE_URL: "postgres://ann:s%40@127.0.0.1:61009/app?sslmode=disable",
    });
    expect(await told({ at: "redis://cache.test/2" })).toEqual({
      PAY_URL: "redis://127.0.0.1:61009/2",
      REDIS_URL: "redis://127.0.0.1:61009/2",
    });
    expect(await told({ at: 4000 })).toEqual({ PAY_URL: "http://127.0.0.1:61009" });
    // Nobody knows its user and database: no DATABASE_URL that would only look right.
    expect(await told({ at: "db.test:5432", protocol: "postgres" })).toEqual({ PAY_URL: "postgres://127.0.0.1:61009" });
  });

  test("starts nothing", async () => {
    const launch = await external.launch({ options: { at: 4000 } } as ServiceContext<ExternalOptions>);
    expect(isFault(launch)).toBe(false);
    expect(launch).toBeNull();
  });
});
