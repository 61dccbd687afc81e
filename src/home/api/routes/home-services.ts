import type { Refusals } from "../../guard/refusals.ts";
import type { Aliases } from "../aliases.ts";
import type { Auth } from "../auth.ts";
import type { Exchanges } from "../capture/exchanges.ts";
import type { HomeRecordings } from "../capture/recorded.ts";
import type { HomeHealth } from "../client.ts";
import type { Lookout } from "../lookout.ts";
import type { Model } from "../model.ts";
import type { Sessions } from "../sessions.ts";
import type { Shaper } from "../shaper.ts";
import type { HomeToxiproxy } from "../toxiproxy.ts";
import type { Traffic } from "../traffic.ts";
import type { Snapshot } from "../view.ts";

/** What the API needs of home. */
export interface ApiRooms {
  readonly auth: Auth;
  readonly model: Model;
  readonly sessions: Sessions;
  readonly aliases: Aliases;
  readonly shaper: Shaper;
  readonly toxiproxy: HomeToxiproxy;
  readonly refusals: Refusals;
  readonly exchanges: Exchanges;
  readonly recordings: HomeRecordings;
  readonly traffic: Traffic;
  readonly lookout: Lookout;
  readonly health: () => HomeHealth;
  readonly snapshot: () => Snapshot;
  /** Begins the orderly end; returns at once. */
  readonly stop: () => void;
}
