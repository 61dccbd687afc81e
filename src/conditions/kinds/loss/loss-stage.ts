import { queue } from "../../../async/queue.ts";
import type { Timer } from "../../time/clock.ts";
import type { End, Link, Output, Stage } from "../condition.ts";
import { type Loss, lossModel, lossRate } from "./loss-model.ts";

const MSS = 1460;
/** Linux's smallest retransmission time-out, ms; its largest is MOST_RTO, and it gives up after RETRIES (tcp_retries2). */
const RTO = 200;
const MOST_RTO = 120_000;
const RETRIES = 15;
/** Packets behind a lost one until its sender knows (RFC 5681). */
const DUPLICATES = 3;
const FIRST_WINDOW = 10;
const MOST_WINDOW = 100_000;
/** The peak of the sawtooth whose mean is Mathis's 1.22/√p: √(8/3p). No run of luck gets further. */
const peak = (condition: Loss) => Math.max(2, Math.min(MOST_WINDOW, 1.63 / Math.sqrt(lossRate(condition))));
const LEAST_TRIP = 10;

interface Packet {
  readonly bytes: Buffer;
  /** When it is there. */
  due: number;
  /** While lost: how many that were sent after it arrived. Else −1. */
  behind: number;
  /** How often its retransmission was lost as well. */
  repeats: number;
}

/**
 * A TCP sender and a path that loses packets, without the packets: each is sent when the congestion window lets it, a lost
 * one is due a round trip after the third behind it, or at the time-out, and holds up what follows. The window grows by one
 * in a round trip, halves at a fast retransmit and falls to one at a time-out (Reno, with SACK's single round trip).
 */
export function lossStage(first: Loss, next: Output, { clock, random, roundTrip, reset }: Link): Stage<Loss> {
  const waiting = queue<Buffer>();
  const sent = queue<Packet>();
  /** Those of `sent` that are lost. */
  let missing: Packet[] = [];
  let lost = lossModel(first, random);
  let fixedTrip = first.rtt;
  let window = FIRST_WINDOW;
  let widest = peak(first);
  let threshold = widest * 0.75;
  /** The window as a bucket: when all of it is free again. */
  let free = Number.NEGATIVE_INFINITY;
  /** A window is cut once per round trip, however many of its packets are lost. */
  let cut = Number.NEGATIVE_INFINITY;
  let end: End | null = null;
  let timer: Timer | null = null;

  const trip = () => Math.max(fixedTrip === undefined ? LEAST_TRIP : 1, fixedTrip ?? roundTrip());

  function work(): void {
    timer = null;
    const now = clock.now();
    send(now);
    deliver(now);
    if (end !== null && waiting.size() === 0 && sent.size() === 0) {
      const how = end;
      end = null;
      next.end(how, now);
    }
    plan();
  }

  function send(now: number): void {
    for (let bytes = waiting.first(); bytes !== undefined; bytes = waiting.first()) {
      free = Math.max(free, now - trip());
      const room = free + trip() / window;
      if (room > now) return;
      waiting.take();
      if (bytes.length > MSS) waiting.unshift(bytes.subarray(MSS));
      const packet = { bytes: bytes.length > MSS ? bytes.subarray(0, MSS) : bytes, due: now, behind: -1, repeats: 0 };
      free = room;
      sent.put(packet);
      if (lost()) {
        packet.behind = 0;
        packet.due = now + RTO;
        missing.push(packet);
      } else {
        window = Math.min(widest, window + (window < threshold ? 1 : 1 / window));
        if (missing.length > 0) noticeAt(now);
      }
    }
  }

  /** Another packet arrived behind the lost ones. */
  function noticeAt(now: number): void {
    for (const packet of missing) {
      if (++packet.behind !== DUPLICATES || packet.repeats > 0) continue;
      packet.due = Math.min(packet.due, now + trip());
      if (now < cut) continue;
      cut = now + trip();
      threshold = window = Math.max(2, window / 2);
    }
  }

  function deliver(now: number): void {
    for (let packet = sent.first(); packet !== undefined; packet = sent.first()) {
      if (packet.due > now) return;
      // Its retransmission is sent only now: what was sent meanwhile moved a model of bursts on.
      if (packet.behind >= 0 && lost()) {
        const timeOut = Math.min(
          MOST_RTO,
          RTO * 2 ** (packet.behind < DUPLICATES ? packet.repeats + 1 : packet.repeats),
        );
        packet.due = ++packet.repeats > RETRIES ? Number.POSITIVE_INFINITY : packet.due + timeOut;
        continue;
      }
      sent.take();
      if (packet.behind >= 0) {
        missing = missing.filter((one) => one !== packet);
        // Nobody behind told of it, or its retransmission was lost too: it took the time-out.
        if (packet.behind < DUPLICATES || packet.repeats > 0) {
          threshold = Math.max(2, window / 2);
          window = 1;
          free = packet.due;
        }
      }
      next.push(packet.bytes, packet.due);
    }
  }

  function plan(): void {
    const head = sent.first();
    const send = waiting.size() > 0 ? free + trip() / window : Number.POSITIVE_INFINITY;
    const when = Math.min(send, head?.due ?? Number.POSITIVE_INFINITY);
    timer?.cancel();
    timer = when < Number.POSITIVE_INFINITY ? clock.at(when, work) : null;
  }

  function stop(): void {
    timer?.cancel();
    timer = null;
    waiting.clear();
    sent.clear();
    missing = [];
    end = null;
  }

  return {
    push: (bytes) => {
      waiting.put(bytes);
      again();
    },
    end: (how) => {
      // What is held up for ever would keep the news of a broken side for ever.
      if (how === "reset" && sent.first()?.due === Number.POSITIVE_INFINITY) return reset();
      end = how;
      again();
    },
    change: (condition) => {
      lost = lossModel(condition, random);
      widest = peak(condition);
      fixedTrip = condition.rtt;
      // What the old rate had given up for lost is tried once more.
      for (const packet of missing) if (packet.due === Number.POSITIVE_INFINITY) packet.due = clock.now() + RTO;
      again();
    },
    flush: () => {
      const how = end;
      const now = clock.now();
      for (let packet = sent.take(); packet !== undefined; packet = sent.take()) next.push(packet.bytes, now);
      for (let bytes = waiting.take(); bytes !== undefined; bytes = waiting.take()) next.push(bytes, now);
      stop();
      if (how !== null) next.end(how, now);
    },
    stop,
  };

  function again(): void {
    timer?.cancel();
    work();
  }
}
