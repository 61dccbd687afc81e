// The library's public face: what a cove.config.ts and a test need.
export type { Address } from "./address/address.ts";
export type { Condition } from "./conditions/conditions.ts";
// A constructor for each kind of condition.
export * from "./conditions/list.ts";
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
  type ConditionsInput,
  type InProcessRelay,
  type InProcessRelayOptions,
  profile,
  relay,
} from "./library/relay.ts";
export {
  command,
  defineStack,
  external,
  files,
  mock,
  postgres,
  type ServiceDefinition,
  type StackDefinition,
} from "./stack/config/define.ts";
