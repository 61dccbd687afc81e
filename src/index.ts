// The library's public face: what a cove.config.ts and a test
export type { Address } from "./address/address.ts";
export type { Condition } from "./conditions/conditions.ts";
export type { Scenario } from "./conditions/scenarios.ts";
export type { FaultCode } from "./fault/codes.ts";
export { CoveError, type Fault } from "./fault/fault.ts";
export {
  type Capture,
  type CapturedQuery,
  type CapturedRequest,
  type CaptureOptions,
  capture,
} from "./library/capture.ts";
export { type HeldLease, type LeaseOptions, lease } from "./library/lease.ts";
export {
  bandwidth,
  blackhole,
  type GivenConditions,
  httpAbort,
  httpCorrupt,
  httpDrop,
  httpSlow,
  httpStatus,
  httpTruncate,
  type InProcessRelay,
  type InProcessRelayOptions,
  latency,
  limit,
  loss,
  open,
  profile,
  refuse,
  relay,
  reset,
  slice,
  slowClose,
  timeout,
  wsDrop,
} from "./library/relay.ts";
export {
  command,
  defineStack,
  external,
  files,
  postgres,
  type ServiceDefinition,
  type StackDefinition,
} from "./stack/config/define.ts";
