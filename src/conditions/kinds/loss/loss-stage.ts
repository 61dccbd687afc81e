import { type Queue, queue } from "../../../async/queue.ts";
import type { Timer } from "../../time/clock.ts";
import type { End, Link, Output, Stage } from "../condition.ts";
import { type Loss, lossModel, lossRate, type PathState } from "./loss-model.ts";

const MSS = 1460;
/** Linux's smallest retransmission time-out, ms; its largest is MOST_RTO, and it gives up after RETRIES (tcp_retries2). */
const RTO = 200;
const MOST_RTO = 120_000;
const RETRIES = 15;
/** Packets that must arrive behind a lost one until its sender knows (RFC 5681). */
const DUPLICATES = 3;
const FIRST_WINDOW = 10;
const MOST_WINDOW = 100_000;
const LEAST_TRIP = 10;
const NOT_LOST = -1;

interface Packet {
  readonly bytes: Buffer;
  /** When it arrives. Infinity: its sender gave up. */
  due: number;
  /** While lost: how many that were sent after it arrived. */
  behind: number;
  /** How often its retransmission was lost as well. */
  repeats: number;
}

/** A TCP sender, and the path that loses its packets. */
interface Sender {
  readonly link: Link;
  readonly next: Output;
  /** Bytes that the window does not let go yet. */
  readonly waiting: Queue<Buffer>;
  readonly sent: Queue<Packet>;
  /** Those of `sent` that are lost. */
  missing: Packet[];
  readonly path: PathState;
  /** Draws for the next packet. */
  lost: () => boolean;
  fixedTrip: number | undefined;
  /** The congestion window, packets. */
  window: number;
  /** What the window grows to at the most. */
  widest: number;
  /** Slow start ends here. */
  threshold: number;
  /** The window as a bucket: when all of it is free again. */
  free: number;
  /** A window is cut once in a round trip, however many of its packets are lost: not before this time again. */
  nextCut: number;
  end: End | null;
  timer: Timer | null;
  /** What the timer calls: one function for all calls. */
  readonly wake: () => void;
}

/**
 * A TCP sender and a path that loses packets, without the packets: each is sent when the congestion window lets it. A lost
 * one arrives a round trip after the third behind it, or after the time-out, and holds up what follows. The window grows by one
 * in a round trip, halves at a fast retransmit and falls to one at a time-out (Reno, with SACK's single round trip).
 */
export function lossStage(condition: Loss, next: Output, link: Link): Stage<Loss> {
  const sender = openSender(condition, next, link);
  return {
    push: (bytes) => {
      sender.waiting.put(bytes);
      work(sender);
    },
    end: (how) => {
      // Bytes that never arrive would hold up this end forever.
      if (how === "reset" && sender.sent.first()?.due === Number.POSITIVE_INFINITY) return link.reset();
      sender.end = how;
      work(sender);
    },
    change: (changed) => change(sender, changed),
    flush: () => flush(sender),
    stop: () => stop(sender),
  };
}

function openSender(condition: Loss, next: Output, link: Link): Sender {
  const path = { bad: false };
  const widest = widestWindow(condition);
  const sender: Sender = {
    ...{ link, next, waiting: queue<Buffer>(), sent: queue<Packet>(), missing: [], path },
    lost: lossModel(condition, link.random, path),
    ...{ fixedTrip: condition.rtt, window: FIRST_WINDOW, widest, threshold: widest * 0.75 },
    ...{ free: Number.NEGATIVE_INFINITY, nextCut: Number.NEGATIVE_INFINITY, end: null, timer: null },
    wake: () => work(sender),
  };
  return sender;
}

/** The peak of the sawtooth whose mean is Mathis's 1.22/√p: √(8/3p). No run of luck gets further. */
function widestWindow(condition: Loss): number {
  return Math.max(2, Math.min(MOST_WINDOW, 1.63 / Math.sqrt(lossRate(condition))));
}

/** The round trip, ms. */
function trip({ fixedTrip, link }: Sender): number {
  return fixedTrip === undefined ? Math.max(LEAST_TRIP, link.roundTrip()) : Math.max(1, fixedTrip);
}

/** Does all that is due, and asks to be called again. */
function work(sender: Sender): void {
  const now = sender.link.clock.now();
  send(sender, now);
  deliver(sender, now);
  if (sender.end !== null && sender.waiting.size() === 0 && sender.sent.size() === 0) {
    const how = sender.end;
    sender.end = null;
    sender.next.end(how, now);
  }
  plan(sender);
}

/** When the window lets the next packet go. */
function nextSend(sender: Sender): number {
  return sender.free + trip(sender) / sender.window;
}

function send(sender: Sender, now: number): void {
  const { waiting } = sender;
  for (let bytes = waiting.first(); bytes !== undefined; bytes = waiting.first()) {
    sender.free = Math.max(sender.free, now - trip(sender));
    const when = nextSend(sender);
    if (when > now) return;
    sender.free = when;
    waiting.take();
    if (bytes.length > MSS) waiting.unshift(bytes.subarray(MSS));
    sendPacket(sender, bytes.length > MSS ? bytes.subarray(0, MSS) : bytes, now);
  }
}

function sendPacket(sender: Sender, bytes: Buffer, now: number): void {
  const packet = { bytes, due: now, behind: NOT_LOST, repeats: 0 };
  sender.sent.put(packet);
  if (sender.lost()) {
    packet.behind = 0;
    packet.due = now + RTO;
    sender.missing.push(packet);
    return;
  }
  const { window, threshold, widest } = sender;
  sender.window = Math.min(widest, window + (window < threshold ? 1 : 1 / window));
  if (sender.missing.length > 0) countDuplicate(sender, now);
}

/** Another packet arrived behind the lost ones. */
function countDuplicate(sender: Sender, now: number): void {
  for (const packet of sender.missing) {
    if (++packet.behind !== DUPLICATES || packet.repeats > 0) continue;
    packet.due = Math.min(packet.due, now + trip(sender));
    if (now < sender.nextCut) continue;
    sender.nextCut = now + trip(sender);
    sender.threshold = sender.window = Math.max(2, sender.window / 2);
  }
}

function deliver(sender: Sender, now: number): void {
  const { sent, next } = sender;
  for (let packet = sent.first(); packet !== undefined; packet = sent.first()) {
    if (packet.due > now) return;
    const wasLost = packet.behind !== NOT_LOST;
    // Its retransmission is sent only now: what was sent meanwhile moved a model of bursts on.
    if (wasLost && sender.lost()) {
      postpone(packet);
      continue;
    }
    sent.take();
    if (wasLost) recover(sender, packet);
    next.push(packet.bytes, packet.due);
  }
}

/** The retransmission was lost, too: the time-out doubles. */
function postpone(packet: Packet): void {
  const doublings = packet.behind < DUPLICATES ? packet.repeats + 1 : packet.repeats;
  packet.repeats++;
  packet.due += packet.repeats > RETRIES ? Number.POSITIVE_INFINITY : Math.min(MOST_RTO, RTO * 2 ** doublings);
}

function recover(sender: Sender, packet: Packet): void {
  sender.missing = sender.missing.filter((one) => one !== packet);
  // Three arrived behind it, and its retransmission did: the window was cut then.
  if (packet.behind >= DUPLICATES && packet.repeats === 0) return;
  sender.threshold = Math.max(2, sender.window / 2);
  sender.window = 1;
  sender.free = packet.due;
}

function plan(sender: Sender): void {
  const send = sender.waiting.size() > 0 ? nextSend(sender) : Number.POSITIVE_INFINITY;
  const when = Math.min(send, sender.sent.first()?.due ?? Number.POSITIVE_INFINITY);
  sender.timer?.cancel();
  sender.timer = when < Number.POSITIVE_INFINITY ? sender.link.clock.at(when, sender.wake) : null;
}

/** Other rates. The window, a burst of losses and what is under way go on. */
function change(sender: Sender, condition: Loss): void {
  sender.lost = lossModel(condition, sender.link.random, sender.path);
  sender.widest = widestWindow(condition);
  sender.fixedTrip = condition.rtt;
  // What the sender had given up under the old rate is tried once more.
  for (const packet of sender.missing) {
    if (packet.due === Number.POSITIVE_INFINITY) packet.due = sender.link.clock.now() + RTO;
  }
  work(sender);
}

function flush(sender: Sender): void {
  const { sent, waiting, next, end } = sender;
  const now = sender.link.clock.now();
  for (let packet = sent.take(); packet !== undefined; packet = sent.take()) next.push(packet.bytes, now);
  for (let bytes = waiting.take(); bytes !== undefined; bytes = waiting.take()) next.push(bytes, now);
  stop(sender);
  if (end !== null) next.end(end, now);
}

function stop(sender: Sender): void {
  sender.timer?.cancel();
  sender.timer = null;
  sender.waiting.clear();
  sender.sent.clear();
  sender.missing = [];
  sender.end = null;
}
