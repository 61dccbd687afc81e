import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import type { Exchange } from "../../capture/exchange.ts";
import { createRecorder, type Recorder } from "../../capture/recorder.ts";
import { type Fault, orThrow } from "../../fault/fault.ts";
import { openRecordings, type Recordings, type RecordingsOptions } from "./recordings.ts";

const REDACTOR = new URL("./redactor.fixture.ts", import.meta.url);

export interface Page {
  readonly exchanges: Exchange[];
  readonly next: number | null;
}

interface Setting {
  readonly recorder: Recorder;
  readonly recordings: Recordings;
  readonly folder: string;
  readonly warnings: Fault[];
}

/** Recordings of a state folder of their own. */
export function openFixture(options: Partial<RecordingsOptions> = {}): Setting {
  const folder = options.folder ?? scratch("recordings");
  const recorder = createRecorder();
  const warnings: Fault[] = [];
  const recordings = openRecordings({
    redactor: REDACTOR,
    stopped: (fault) => warnings.push(fault),
    ...options,
    ...{ folder, recorder },
  });
  onTestFinished(() => recordings.close());
  return { recorder, recordings, folder, warnings };
}

export async function readAll(recordings: Recordings, name: string): Promise<Exchange[]> {
  const all: Exchange[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: Page = orThrow(await recordings.read(name, { after }));
    all.push(...page.exchanges);
    after = page.next;
  }
  return all;
}

export const until = async (holds: () => boolean) => expect.poll(holds, { timeout: 20_000 }).toBe(true);

export async function run(name: string, args: string[]): Promise<void> {
  const [code] = await once(spawn(name, args, { stdio: "inherit" }), "exit");
  if (code !== 0) throw new Error(`${name} ${args.join(" ")} ended with ${code}`);
}
