import { type Fault, fault } from "../../fault/fault.ts";

interface Needing {
  readonly name: string;
  readonly needs: readonly string[];
}

/**
 * Names in waves: all of a wave may start once the waves before it are ready. Within a wave the given order stays.
 * Needs that name none of the services don't count. Faults: CONFIG_CYCLE, which names the circle.
 */
export function startOrder(services: readonly Needing[]): string[][] | Fault {
  const names = new Set(services.map(({ name }) => name));
  const waves: string[][] = [];
  const started = new Set<string>();
  let left = services;
  while (left.length > 0) {
    const wave = left.filter(({ needs }) => needs.every((need) => started.has(need) || !names.has(need)));
    if (wave.length === 0) return cycleFault(left);
    waves.push(wave.map(({ name }) => name));
    for (const { name } of wave) started.add(name);
    left = left.filter(({ name }) => !started.has(name));
  }
  return waves;
}

function cycleFault(stuck: readonly Needing[]): Fault {
  const circle = findCircle(stuck);
  return fault(
    "CONFIG_CYCLE",
    `services need each other in a circle: ${circle.join(" → ")}`,
    `Take one of these needs out, such as "${circle.at(-1)}" from the needs of ${circle.at(-2)}`,
    { circle },
  );
}

/** Follows the first unresolved need of each, until a name repeats. */
function findCircle(stuck: readonly Needing[]): string[] {
  const path: string[] = [];
  let next = stuck[0]?.name;
  while (next !== undefined) {
    const seen = path.indexOf(next);
    path.push(next);
    if (seen !== -1) return path.slice(seen);
    const needs: readonly string[] = stuck.find(({ name }) => name === next)?.needs ?? [];
    next = needs.find((need) => stuck.some(({ name }) => name === need));
  }
  return path;
}
