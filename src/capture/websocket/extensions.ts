/** Whose messages build on those before them (RFC 7692 §7.1.1). */
export interface Deflate {
  readonly clientTakeover: boolean;
  readonly serverTakeover: boolean;
}

/** All fields of that name in a raw head, joined as RFC 9110 §5.3 has it; empty where there is none. */
function field(head: string, name: string): string {
  const wanted = `${name}:`;
  return head
    .split("\r\n")
    .filter((line) => line.slice(0, wanted.length).toLowerCase() === wanted)
    .map((line) => line.slice(wanted.length).trim())
    .join(", ");
}

export function isWebSocket(responseHead: string): boolean {
  return field(responseHead, "upgrade").toLowerCase() === "websocket";
}

/** What the two agreed on: permessage-deflate, nothing (null), or what isn't known here. */
export function extensionsOf(responseHead: string): Deflate | "unknown" | null {
  const agreed = field(responseHead, "sec-websocket-extensions").toLowerCase();
  if (agreed === "") return null;
  const [name = "", ...parameters] = agreed.split(";").map((part) => part.trim());
  if (name !== "permessage-deflate" || agreed.includes(",")) return "unknown";
  return {
    clientTakeover: !parameters.includes("client_no_context_takeover"),
    serverTakeover: !parameters.includes("server_no_context_takeover"),
  };
}
