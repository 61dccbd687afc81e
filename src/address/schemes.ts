/** Default ports by URL scheme, as IANA registers them or the protocol's own documents say. */
const SCHEME_PORTS: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
  ["ws", 80],
  ["wss", 443],
  ["ftp", 21],
  ["ssh", 22],
  ["sftp", 22],
  ["smtp", 25],
  ["ldap", 389],
  ["ldaps", 636],
  ["postgres", 5432],
  ["postgresql", 5432],
  ["mysql", 3306],
  ["mariadb", 3306],
  ["sqlserver", 1433],
  ["mongodb", 27017],
  ["mongodb+srv", 27017],
  ["redis", 6379],
  ["rediss", 6379],
  ["memcached", 11211],
  ["amqp", 5672],
  ["amqps", 5671],
  ["mqtt", 1883],
  ["mqtts", 8883],
  ["nats", 4222],
  ["kafka", 9092],
]);

/** The port that a URL of this scheme means when it names none; null for schemes that Cove doesn't know. */
export function defaultPortOf(scheme: string): number | null {
  return SCHEME_PORTS.get(scheme.toLowerCase()) ?? null;
}
