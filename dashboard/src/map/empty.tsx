import { CopyButton } from "../parts/copy-button.tsx";
import { Mark } from "../parts/mark.tsx";

const WAYS = [
  { command: "cove up", does: "starts the stack of a folder with a cove.config.ts" },
  { command: "cove run -- npm run dev", does: "runs any server by name, without a config" },
  { command: "cove serve dist", does: "serves a folder of files" },
];

/** Nothing is up yet: how to begin. */
export function Empty() {
  return (
    <section className="welcome">
      <Mark />
      <h1>Nothing is running</h1>
      <p>Start a service in a terminal, and it appears here.</p>
      <ul className="ways">
        {WAYS.map(({ command, does }) => (
          <li key={command}>
            <code>{command}</code>
            <CopyButton text={command} label={`Copy ${command}`} />
            <span>{does}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
