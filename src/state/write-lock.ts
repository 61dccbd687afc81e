import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "./sqlite-fault.ts";

/**
 * The longest pause between two attempts, ms. Fifty processes that ask every few ms take the CPU from the one that writes:
 * on a busy machine that made it ten times slower.
 */
const LONGEST_WAIT = 100;
/** How long a connection may write without a pause while its page cache is warm, ms. */
const TURN = 50;
/** Transactions with less than this in between belong to one turn, ms. */
const BETWEEN = 10;
/** The longest pause after a turn, ms. */
const AFTER_TURN = 20;

const never = new Int32Array(new SharedArrayBuffer(4));

/** The right to write, of one connection among those of all processes. */
export interface WriteLock {
  /** Begins a write transaction. Throws SQLite's error after the lock timeout. */
  readonly begin: () => void;
  /** To be called when it has ended. */
  readonly ended: () => void;
}

/**
 * SQLite gives the lock to the process that asks at the right moment. One that writes without a pause nearly always gets
 * it again, and the others time out. Here a connection that has written for 50 ms on end pauses, and one of those
 * that wait takes its turn. They ask at random times: SQLite's own busy handler pauses equally long in every process, so
 * that all wake together.
 */
export function writeLock(db: DatabaseSync, lockTimeout: number): WriteLock {
  let turnBegan = 0;
  let lastEnded = Number.NEGATIVE_INFINITY;

  function pauseAfterTurn(): void {
    const now = performance.now();
    if (now - lastEnded > BETWEEN) turnBegan = now;
    if (now - turnBegan < TURN) return;
    // Home waits 20 ms at the most, and its thread has other work.
    pause(Math.min(AFTER_TURN, lockTimeout / 10));
    turnBegan = performance.now();
  }

  return {
    begin: () => {
      pauseAfterTurn();
      db.exec("PRAGMA busy_timeout = 0");
      try {
        if (retryWhileBusy(lockTimeout, () => db.exec("BEGIN IMMEDIATE")) > 1) turnBegan = performance.now();
      } finally {
        db.exec(`PRAGMA busy_timeout = ${lockTimeout}`);
      }
    },
    ended: () => {
      lastEnded = performance.now();
    },
  };
}

/** Runs `attempt` until it doesn't fail as busy, for `lockTimeout` ms at the most. Returns the number of attempts. */
export function retryWhileBusy(lockTimeout: number, attempt: () => void): number {
  const giveUp = performance.now() + lockTimeout;
  let longest = 2;
  for (let attempts = 1; ; attempts++) {
    try {
      attempt();
      return attempts;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUp) throw error;
      pause(longest);
      longest = Math.min(longest * 2, LONGEST_WAIT);
    }
  }
}

/** Blocks the thread for a random time. */
function pause(longest: number): void {
  Atomics.wait(never, 0, 0, Math.random() * longest);
}
