import type { Timings } from "har-format";
import type { Exchange } from "../../capture/exchange.ts";

import { micros } from "../micros.ts";

type Times = Pick<Exchange, "queued" | "connected" | "firstByte" | "ended">;

/**
 * The phases of an exchange, one behind the other: those that apply add up to `time` (HAR 1.2). -1: does not apply. In ms, to
 * the µs: they are counted in whole µs, so that no sum has a rest.
 */
export function timingsOf({ queued, connected, firstByte, ended }: Times): { time: number; timings: Timings } {
  const whole = (ms: number | null) => (ms === null ? null : Math.round(ms * 1_000));
  const time = Math.max(0, whole(ended ?? firstByte ?? connected ?? queued) ?? 0);
  const within = (at: number | null, from: number) => Math.min(time, Math.max(from, at ?? from));
  const left = within(whole(queued), 0);
  const stood = within(whole(connected), left);
  const first = firstByte === null ? time : within(whole(firstByte), stood);
  return {
    time: time / 1_000,
    timings: {
      blocked: left > 0 ? left / 1_000 : -1,
      dns: -1,
      connect: stood > left ? (stood - left) / 1_000 : -1,
      ssl: -1,
      send: 0,
      wait: (first - stood) / 1_000,
      receive: (time - first) / 1_000,
    },
  };
}

/** The other way round: when what happened, ms since the start. */
export function timesOf(time: number, { blocked, dns, connect, send, wait }: Partial<Timings>): Times {
  const ms = (part: number | null | undefined) => Math.max(0, part ?? 0);
  const queued = ms(blocked);
  const connected = queued + ms(dns) + ms(connect);
  const firstByte = Math.min(Math.max(time, connected), connected + ms(send) + ms(wait));
  return {
    queued: queued > 0 ? queued : null,
    connected: micros(connected),
    firstByte: micros(firstByte),
    ended: micros(Math.max(time, firstByte)),
  };
}
