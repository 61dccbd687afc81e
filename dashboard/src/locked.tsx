import { useEffect } from "react";
import { useHome } from "./home/home.ts";
import { CopyButton } from "./parts/copy-button.tsx";
import { Mark } from "./parts/mark.tsx";

/** Shown when home doesn't know this browser. */
export function Locked() {
  const { retry } = useHome();
  useEffect(() => {
    document.title = "Locked · Cove";
    // The link that `cove open` gives may have been opened in another tab.
    const onVisible = () => document.visibilityState === "visible" && retry();
    document.addEventListener("visibilitychange", onVisible);
    return () => document.removeEventListener("visibilitychange", onVisible);
  }, [retry]);
  return (
    <section className="welcome">
      <Mark />
      <h1>This browser is not signed in</h1>
      <p>To sign in, run in a terminal:</p>
      <ul className="ways">
        <li>
          <code>cove open</code>
          <CopyButton text="cove open" label="Copy cove open" />
          <span>opens this page with a one-time link</span>
        </li>
      </ul>
      <button type="button" className="button" onClick={retry}>
        Try again
      </button>
    </section>
  );
}
