import type { Refusals } from "../../../guard/refusals.ts";
import type { Telemetry } from "../../../telemetry/store.ts";
import type { ChosenPorts } from "../../edges/chosen-ports.ts";
import type { Traffic } from "../../edges/edge-traffic.ts";
import type { Shaper } from "../../edges/shaper.ts";
import type { HomeToxiproxy } from "../../edges/toxiproxy.ts";
import type { Exchanges } from "../../exchanges/exchanges.ts";
import type { HomeRecordings } from "../../exchanges/recordings.ts";
import type { Looks } from "../../looks/looks.ts";
import type { Model } from "../../model/model.ts";
import type { Aliases } from "../../names/aliases.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { Receiver } from "../../telemetry/receiver.ts";
import type { HomeHealth, Snapshot } from "../../view/view.ts";
import type { Auth } from "../access/auth.ts";

/** What the API needs of home. */
export interface HomeServices {
  readonly auth: Auth;
  readonly model: Model;
  readonly sessions: Sessions;
  readonly aliases: Aliases;
  readonly chosenPorts: ChosenPorts;
  readonly shaper: Shaper;
  readonly toxiproxy: HomeToxiproxy;
  readonly refusals: Refusals;
  readonly exchanges: Exchanges;
  readonly recordings: HomeRecordings;
  readonly traffic: Traffic;
  readonly telemetry: Telemetry;
  readonly receiver: Receiver;
  readonly looks: Looks;
  readonly health: () => HomeHealth;
  readonly snapshot: () => Snapshot;
  /** Begins an orderly stop; returns at once. */
  readonly stop: () => void;
}
