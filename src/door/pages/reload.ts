import { createHash } from "node:crypto";

/** Where a page asks at its own name whether the service is back (RFC 8615); the door answers, never the service. */
export const RETURN_PATH = "/.well-known/cove/return";

/**
 * Reloads the page once the service is back, and not before: what someone reads or selects on it stays. The door holds each
 * question until it knows.
 */
const SCRIPT =
  `(async()=>{const at="${RETURN_PATH}?after="+document.documentElement.dataset.after;` +
  "for(;;){const got=await fetch(at,{cache:'no-store'}).catch(()=>null);if(got?.status===204)break;" +
  "if(got?.status!==503)await new Promise(go=>setTimeout(go,2000))}location.reload()})()";

/** The one script that a page may have. */
export const SCRIPT_HASH = `sha256-${createHash("sha256").update(SCRIPT).digest("base64")}`;

/** What stands in the page's head for it; `pause` in seconds, where scripts are off. */
export function reloadTags(pause: number): string {
  return `<script>${SCRIPT}</script><noscript><meta http-equiv="refresh" content="${pause}"></noscript>`;
}
