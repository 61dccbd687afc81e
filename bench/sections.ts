import { capture } from "./capture.ts";
import { certificates } from "./certificates.ts";
import { cli } from "./cli.ts";
import { conditions } from "./conditions.ts";
import { conditionsBulk } from "./conditions-bulk.ts";
import { door } from "./door.ts";
import { footprint } from "./footprint.ts";
import { guardBind } from "./guard-bind.ts";
import { h2 } from "./h2.ts";
import { lease } from "./lease.ts";
import { machineSection } from "./machine.ts";
import { pipelining } from "./pipelining.ts";
import { ports } from "./ports.ts";
import { relay } from "./relay.ts";
import type { Section } from "./section.ts";
import { trace } from "./trace.ts";
import { tracePython } from "./trace-python.ts";
import { trafficPage } from "./traffic-page.ts";

/** By the name that `--only` takes, in the order of RESULTS.md. A new section is a file and a line here. */
export const SECTIONS: Readonly<Record<string, Section>> = {
  door,
  h2,
  pipelining,
  relay,
  conditions,
  capture,
  "conditions-bulk": conditionsBulk,
  cli,
  footprint,
  certificates,
  lease,
  machine: machineSection,
  "guard-bind": guardBind,
  ports,
  trace,
  "trace-python": tracePython,
  "traffic-page": trafficPage,
};

/** Those that can compare this tree with another. */
export const COMPARING: readonly string[] = ["door", "relay", "pipelining"];
