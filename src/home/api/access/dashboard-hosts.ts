/** The name that the dashboard lives on. */
export const DASHBOARD_HOST = "cove.localhost";

/** Names by which home itself is reached through the door. */
export const OWN_HOSTS = [DASHBOARD_HOST, "127.0.0.1", "localhost", "[::1]"] as const;

/** The own name that a Host header means, null for any other: what a rebound DNS name brings ends here. */
export function ownHost(header: string | null | undefined, doorPort: number): (typeof OWN_HOSTS)[number] | null {
  const text = (header ?? "").toLowerCase();
  return OWN_HOSTS.find((host) => text === `${host}:${doorPort}` || (text === host && doorPort === 80)) ?? null;
}

/** The scheme that the door says its client used. */
export const schemeOf = (forwardedProto: unknown): "http" | "https" => (forwardedProto === "https" ? "https" : "http");

/** Where the dashboard is: `http://cove.localhost:62893`. */
export function dashboardOrigin(doorPort: number, scheme: "http" | "https" = "http"): string {
  return `${scheme}://${DASHBOARD_HOST}${doorPort === (scheme === "http" ? 80 : 443) ? "" : `:${doorPort}`}`;
}
