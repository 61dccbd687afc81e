import type { Recorder } from "../../capture/recorder.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Exporter } from "./exporter.ts";
import type { Hide } from "./hide.ts";
import { otlpSettings } from "./settings.ts";

/** How long its end waits for the last batch, ms: a collector that is gone must not delay it. */
const LAST_SEND_TIME = 1_000;

/** Finished exchanges on their way to a collector. */
export interface Otlp {
  /** Where they go. */
  readonly url: string;
  /** Exchanges that end from here on are sent: the packages for it are loaded. */
  readonly ready: Promise<void>;
  /** Sends what is left and ends. */
  readonly stop: () => Promise<void>;
}

/**
 * Sends each exchange that ends as a span (OTLP over HTTP) where `OTEL_EXPORTER_OTLP_ENDPOINT` and similar variables are set; null
 * where they aren't, and nothing is loaded then. `warn` is called once when it fails (EXPORT_FAILED); traffic never
 * waits for it. `hide` takes the credentials out of targets and SQL.
 */
export function startOtlp(
  recorder: Pick<Recorder, "listen">,
  env: NodeJS.ProcessEnv,
  warn: (fault: Fault) => void,
  hide: Hide,
): Otlp | null {
  const settings = otlpSettings(env);
  if (settings === null) return null;
  if (isFault(settings)) {
    warn(settings);
    return null;
  }
  let exporter: Exporter | null = null;
  let unlisten = () => {};
  let stopped = false;

  async function load(found: NonNullable<typeof settings>): Promise<void> {
    if (isFault(found)) return;
    try {
      const { openExporter } = await import("./exporter.ts");
      if (stopped) return;
      exporter = openExporter(found, warn, hide);
      unlisten = recorder.listen({ ended: exporter.take });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      warn(fault("EXPORT_FAILED", `traces can't be sent: ${why}`, "install Cove anew: a package is missing"));
    }
  }

  const ready = load(settings);
  return {
    url: settings.url,
    ready,
    stop: async () => {
      stopped = true;
      unlisten();
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST_SEND_TIME);
      });
      await Promise.race([exporter?.close(), enough]);
      clearTimeout(timer);
    },
  };
}
