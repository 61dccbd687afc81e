import type { Refusals } from "../../guard/refusals.ts";
import type { Aliases } from "../aliases.ts";
import type { Auth } from "../auth.ts";
import type { HomeHealth } from "../client.ts";
import type { Lookout } from "../lookout.ts";
import type { Model } from "../model.ts";
import type { Sessions } from "../sessions.ts";
import type { Shaper } from "../shaper.ts";
import type { Snapshot } from "../view.ts";

/** What the API needs of home. */
export interface ApiRooms {
  readonly auth: Auth;
  readonly model: Model;
  readonly sessions: Sessions;
  readonly aliases: Aliases;
  readonly shaper: Shaper;
  readonly refusals: Refusals;
  readonly lookout: Lookout;
  readonly health: () => HomeHealth;
  readonly snapshot: () => Snapshot;
  /** Begins the orderly end; returns at once. */
  readonly stop: () => void;
}
