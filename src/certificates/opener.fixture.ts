// One of several processes that open an authority at the same moment: node opener.fixture.ts <state folder>
import { once } from "node:events";
import { orThrow } from "../fault/fault.ts";
import { openAuthority } from "./authority.ts";
import { createIssuer } from "./issuer.ts";

process.send?.("ready");
await once(process, "message");
const issuer = createIssuer();
const { authority } = orThrow(await openAuthority(process.argv[2] ?? "", issuer));
process.send?.(authority.root);
await issuer.close();
process.disconnect();
