import type { Family } from "./edge-facts.ts";

/** Where servers of a family listen unless told otherwise, which is where code looks for them (IANA). */
export const STANDARD_PORTS: Readonly<Record<Family, number | null>> = {
  ...{ http: 80, postgres: 5432, mysql: 3306, redis: 6379, mongodb: 27017, amqp: 5672, tcp: null },
};
