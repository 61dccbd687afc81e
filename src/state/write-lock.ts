import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "./sqlite-fault.ts";

/** The longest pause between two attempts, ms: with fifty processes waiting, shorter ones take the CPU from who writes. */
const LONGEST_PAUSE = 25;
/** How long a connection may write without a pause while its page cache is warm, ms. */
const TURN = 50;
/** Transactions with less than this in between belong to one turn, ms. */
const BETWEEN = 10;

const never = new Int32Array(new SharedArrayBuffer(4));

/** The right to write, of one connection among those of all processes. */
export interface WriteLock {
  /** Begins a write transaction. Throws SQLite's error after the patience given. */
  readonly begin: () => void;
  /** To be called when it has ended. */
  readonly ended: () => void;
}

/**
 * SQLite hands the lock to whoever asks at the right moment, and its own busy handler asks less and less often: a process
 * that writes without a pause gets it again and again, and whoever waited longest has the least chance. Here all ask after
 * random pauses of the same length, and a connection that has written for 50 ms on end pauses, too. So each has the same
 * chance, a few times a second.
 */
export function writeLock(db: DatabaseSync, patience: number): WriteLock {
  let turnBegan = 0;
  let lastEnded = Number.NEGATIVE_INFINITY;
  const longest = longestPause(patience);

  function takeTurn(): void {
    const now = performance.now();
    if (now - lastEnded < BETWEEN && now - turnBegan < TURN) return;
    if (now - lastEnded < BETWEEN) pause(longest);
    turnBegan = performance.now();
  }

  return {
    begin: () => {
      takeTurn();
      db.exec("PRAGMA busy_timeout = 0");
      try {
        if (retryWhileBusy(patience, () => db.exec("BEGIN IMMEDIATE")) > 1) turnBegan = performance.now();
      } finally {
        db.exec(`PRAGMA busy_timeout = ${patience}`);
      }
    },
    ended: () => {
      lastEnded = performance.now();
    },
  };
}

/** Runs `attempt` until it doesn't fail as busy, for `patience` ms at the most. Returns the number of attempts. */
export function retryWhileBusy(patience: number, attempt: () => void): number {
  const giveUp = performance.now() + patience;
  const longest = longestPause(patience);
  for (let attempts = 1; ; attempts++) {
    try {
      attempt();
      return attempts;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUp) throw error;
      pause(longest);
    }
  }
}

/** Home waits 20 ms at the most, since the door's bytes wait too: it has to ask more often. */
function longestPause(patience: number): number {
  return Math.min(LONGEST_PAUSE, patience / 10);
}

/** Blocks the thread for a random time. */
function pause(longest: number): void {
  Atomics.wait(never, 0, 0, Math.random() * longest);
}
