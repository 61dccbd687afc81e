import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { basename } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { machine } from "../machine/machine.ts";
import { createGuard } from "./guard.ts";
import { type Peer, type PeerPolicy, UNCHECKED } from "./peer.ts";
import { createRefusals } from "./refusals.ts";

const policy = (programs: readonly string[] | null): PeerPolicy => ({
  service: "shop/db",
  lets: () => true,
  programs,
  namedOnly: false,
});
const own = basename(process.execPath);

async function accepted(): Promise<Socket> {
  const server: Server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = (await once(server, "connection")) as [Socket];
  onTestFinished(() => {
    for (const one of [client, socket]) one.destroy();
    server.close();
  });
  return socket;
}

function guard() {
  const refusals = createRefusals(() => {});
  const { peer } = machine;
  return {
    refusals,
    ...createGuard({
      ...(peer !== undefined && { look: peer }),
      ...{ door: policy(null), isOwner: () => true, refusals },
    }),
  };
}

const asked = { method: "GET", upgrade: null, host: "db.shop.localhost", origin: null, fetchSite: null };
const by = (programs: readonly string[]) => ({ peers: policy(programs), pages: null, sameSite: false });

describe.skipIf(machine.peer === undefined)("a service that lists programs", () => {
  test("lets a connection in once its program is known, and refuses another", async () => {
    const { admitTo, refusals } = guard();
    const first = admitTo(await accepted(), policy([own]));
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toMatchObject({ uid: process.getuid?.() });
    expect(refusals.total()).toBe(0);
    expect(await admitTo(await accepted(), policy(["psql"]))).toBeNull();
    expect(refusals.list()).toMatchObject([
      { check: "peer", service: "shop/db", allow: `guard: { programs: ["${own}"] }` },
    ]);
  });

  test("judges the requests of a known program at once", async () => {
    const { admit, request, refusals } = guard();
    const peer = admit(await accepted()) as Peer;
    const first = request(peer, "127.0.0.1", "/", asked, by([own]));
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toBeNull();
    expect(request(peer, "127.0.0.1", "/", asked, by([own]))).toBeNull();
    expect(request(peer, "127.0.0.1", "/", asked, by(["psql"]))).toMatchObject({ status: 403 });
    expect(refusals.total()).toBe(1);
  });
});

test("without a list, and where nobody can be told apart, the verdict comes at once", async () => {
  const { admitTo, request } = guard();
  expect(admitTo(await accepted(), policy(null))).not.toBeInstanceOf(Promise);
  expect(request(UNCHECKED, "127.0.0.1", "/", asked, by(["psql"]))).toBeNull();
});
