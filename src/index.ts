// The library's public face.
export { CoveError } from "./fault/fault.ts";
