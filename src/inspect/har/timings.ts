import type { Timings } from "har-format";
import type { Exchange } from "../../capture/exchange.ts";

type Times = Pick<Exchange, "queued" | "connected" | "firstByte" | "ended">;

/** The phases of an exchange, one behind the other: those that apply add up to `time` (HAR 1.2). -1: does not apply. */
export function timingsOf({ queued, connected, firstByte, ended }: Times): { time: number; timings: Timings } {
  const time = Math.max(0, ended ?? firstByte ?? connected ?? queued ?? 0);
  const within = (at: number | null, from: number) => Math.min(time, Math.max(from, at ?? from));
  const left = within(queued, 0);
  const stood = within(connected, left);
  const first = firstByte === null ? time : within(firstByte, stood);
  return {
    time,
    timings: {
      blocked: left > 0 ? left : -1,
      dns: -1,
      connect: stood > left ? stood - left : -1,
      ssl: -1,
      send: 0,
      wait: first - stood,
      receive: time - first,
    },
  };
}

/** The other way round: when what happened, ms since the start. */
export function timesOf(time: number, { blocked, dns, connect, send, wait }: Partial<Timings>): Times {
  const ms = (part: number | null | undefined) => Math.max(0, part ?? 0);
  const queued = ms(blocked);
  const connected = queued + ms(dns) + ms(connect);
  const firstByte = Math.min(Math.max(time, connected), connected + ms(send) + ms(wait));
  return { queued: queued > 0 ? queued : null, connected, firstByte, ended: Math.max(time, firstByte) };
}
