// One of many processes that want home at the same moment: prints the pid of the home it got, or the fault.
import { isFault } from "../../fault/fault.ts";
import { ensureHome } from "./ensure.ts";

const home = await ensureHome();
console.log(JSON.stringify(isFault(home) ? home : { pid: home.home.pid }));
