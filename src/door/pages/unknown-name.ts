import { fault } from "../../fault/fault.ts";
import { nearest } from "../../fault/spelling.ts";
import type { PageContent, PageFacts } from "./facts.ts";
import { commands, escapeHtml } from "./html.ts";
import { plainHost } from "./who.ts";

/** Home's own, and those with a wildcard: nobody looks for them in a list. */
const UNLISTED = /^(127\.0\.0\.1|localhost|\[?::1\]?|cove\.localhost|\*\..*)$/;
/** A longer list helps nobody; the dashboard has them all. */
const LISTED_MOST = 50;
/** Hosts that can't be a stranger's: addresses, single labels, and the domains that nobody can register (RFC 6761). */
const OURS = /^(\[[0-9a-f:.]+\]|[0-9.]+|[^.]+|.+\.(localhost|test))$/;

/** 421: no service has this name. Says which names there are, which one was meant, and how to make this one. */
export function unknownName(facts: PageFacts): PageContent {
  const asked = plainHost(facts.host);
  // A page of evil.example that rebinds its name to this machine would read the list.
  const names = OURS.test(asked) ? (facts.names ?? []).filter((name) => !UNLISTED.test(name)) : [];
  const near = meant(asked, names);
  return {
    status: 421,
    tone: "ask",
    title: `No service is called ${asked}`,
    fault: fault(
      "NAME_UNKNOWN",
      `no service is called ${facts.host}`,
      near === null ? "give one this name with: cove run --name <name> -- <command>" : `did you mean ${near}?`,
      { host: facts.host, names },
    ),
    body: suggestion(near, facts) + list(names, facts) + howToMake(asked),
  };
}

/** The name that was most likely meant. `.localhost` counts for nothing: all have it. */
function meant(asked: string, names: readonly string[]): string | null {
  const byShort = new Map(names.map((name) => [name.replace(/\.localhost$/, ""), name]));
  const near = nearest(asked.replace(/\.localhost$/, ""), byShort.keys());
  return near === null ? null : (byShort.get(near) ?? null);
}

function suggestion(near: string | null, facts: PageFacts): string {
  return near === null ? "" : `<p>Did you mean ${link(near, facts)}?</p>`;
}

function list(names: readonly string[], facts: PageFacts): string {
  if (names.length === 0) return `<p class="soft">Nothing that runs now has a name to show here.</p>`;
  const shown = names.slice(0, LISTED_MOST).map((name) => `<li>${link(name, facts)}</li>`);
  const left = names.length - shown.length;
  return `<h2>Names that exist</h2><ul>${shown.join("")}</ul>${left > 0 ? `<p class="soft">and ${left} more</p>` : ""}`;
}

function link(name: string, { port }: PageFacts): string {
  // The page's own scheme.
  const url = `//${name}${port === undefined ? "" : `:${port}`}/`;
  return `<a href="${escapeHtml(url)}">${escapeHtml(name)}</a>`;
}

/** The commands that make this very name, where it is one that commands can make. */
function howToMake(asked: string): string {
  const name = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)\.localhost$/.exec(asked)?.[1];
  if (name === undefined) {
    return commands("Give a service a name", "cove run --name my-app -- npm run dev", "cove alias my-app 3000");
  }
  // A name with dots belongs to a stack's service; only an alias can be given one by hand.
  return name.includes(".")
    ? commands(
        "Start the stack that has this name, or give it to what runs already",
        "cove up",
        `cove alias ${name} 3000`,
      )
    : commands("Give a service this name", `cove run --name ${name} -- npm run dev`, `cove alias ${name} 3000`);
}
