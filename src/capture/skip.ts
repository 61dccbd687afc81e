/**
 * Whether a request's target is the path or below it, by whole segments: `/health` means `/health`, `/health?full=1` and
 * `/health/db`, not `/healthcare`; `/assets/` means what is below it, not `/assets` itself; `/` means everything.
 */
export function isBelow(path: string, target: string): boolean {
  if (!target.startsWith(path)) return false;
  if (target.length === path.length || path.endsWith("/")) return true;
  const next = target.charCodeAt(path.length);
  return next === 0x2f /* / */ || next === 0x3f /* ? */;
}
