import { programPath, startProgram } from "./peer.ts";

const API = 29_132;

/** Toxiproxy with one toxic on a proxy at `port`; null: it isn't installed. */
export async function toxiproxy(
  port: number,
  upstream: number,
  toxic: { readonly type: string; readonly stream: string; readonly attributes: object },
): Promise<(() => Promise<void>) | null> {
  const program = programPath("toxiproxy-server");
  if (program === null) return null;
  const stop = await startProgram(program, () => ["-port", String(API), "-host", "127.0.0.1"], API);
  await post("/proxies", { name: "bench", listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${upstream}` });
  await post("/proxies/bench/toxics", toxic);
  return stop;
}

async function post(path: string, body: object): Promise<void> {
  const { ok, status } = await fetch(`http://127.0.0.1:${API}${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!ok) throw new Error(`toxiproxy answered ${status} to ${path}`);
}
