import { isUnspecified, unmapped } from "../address/classify.ts";
import { isFault } from "../fault/fault.ts";
import type { Answer, ProbeOptions } from "../machine/probe/probe.ts";
import type { AuditListener } from "./facts.ts";
import { toolOf } from "./recognize-tool.ts";

/** Servers that are asked at the same time. */
const TOGETHER = 16;
/** Listeners beyond these aren't asked. */
const MOST = 64;
/** Programs that serve one connection and end, or whose debugger ends with its client. */
const ONE_SHOT = /^(nc|ncat|netcat|nc\.(openbsd|traditional)|socat|dlv|gdbserver|lldb-server|qemu.*)$/;

/** Asks what others can reach what it is, where no name says so or a password decides how bad that is. */
export async function withAnswers(listeners: readonly AuditListener[]): Promise<AuditListener[]> {
  const asked = listeners.filter(isAsked).slice(0, MOST);
  if (asked.length === 0) return [...listeners];
  // Loaded only when needed: hardly any machine has something to ask.
  const { probe } = await import("../machine/probe/probe.ts");
  const answers = new Map<AuditListener, Answer>();
  const waiting = [...asked];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const likely = likelyOf(one);
      const answer = await probe(
        { host: loopbackOf(one), port: one.port },
        { ...(likely !== undefined && { likely }) },
      );
      if (!isFault(answer)) answers.set(one, answer);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  return listeners.map((one) => ({ ...one, answer: answers.get(one) ?? null }));
}

function isAsked(listener: AuditListener): boolean {
  const { protocol, host, names, cove } = listener;
  if (protocol !== "tcp" || cove !== null || !isUnspecified(host) || names.some((name) => ONE_SHOT.test(name)))
    return false;
  const tool = toolOf(listener);
  return listener.pid !== null && (tool === undefined || tool.name === "Redis");
}

function likelyOf(listener: AuditListener): ProbeOptions["likely"] {
  if (toolOf(listener)?.name === "Redis" || listener.port === 6379) return "redis";
  return listener.port === 5432 ? "postgres" : undefined;
}

function loopbackOf({ host }: AuditListener): string {
  return unmapped(host).includes(":") ? "::1" : "127.0.0.1";
}
