// The thread that makes certificates: the X.509 library stays out of home's thread, and so does its work.
import { answerCalls } from "../async/worker-call.ts";
import { makeAuthority, makeLeaf } from "./issue.ts";
import type { IssueMethods } from "./issuer.ts";

answerCalls<IssueMethods>({ authority: makeAuthority, leaf: makeLeaf });
