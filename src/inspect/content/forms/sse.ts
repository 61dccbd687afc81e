import type { SseEvent } from "./body-view.ts";
import type { ContentForm } from "./form.ts";
import { layoutJson } from "./json.ts";

const MOST_EVENTS = 1_000;

/** text/event-stream (the HTML standard §9.2). */
export const sse: ContentForm = {
  fits: ({ media: { type } }) => type === "text/event-stream",
  view: ({ text, redactor }) => {
    const said = text();
    if (said === null) return null;
    const all = parseEvents(said);
    const events = all.slice(-MOST_EVENTS).map((event) => ({ ...event, data: redactor.any(event.data) }));
    const shown = events.map((event) => `${titleOf(event)}\n${laidOut(event.data)}`).join("\n\n");
    const problem = all.length > events.length ? `the last ${MOST_EVENTS} of ${all.length} events are shown` : null;
    return { form: "sse", text: shown, raw: events.map(written).join(""), events, problem };
  },
};

function parseEvents(text: string): SseEvent[] {
  const events: SseEvent[] = [];
  let event = "";
  let data: string[] = [];
  let id: string | null = null;
  let retry: number | null = null;
  const dispatch = () => {
    if (data.length > 0) events.push({ event: event || "message", id, data: data.join("\n"), retry });
    event = "";
    data = [];
    retry = null;
  };
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === "") {
      dispatch();
      continue;
    }
    const colon = line.indexOf(":");
    // A comment: most servers send them to keep the connection open.
    if (colon === 0) continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "retry" && /^\d+$/.test(value)) retry = Number(value);
  }
  // One that is not ended yet: a browser would wait, a reader wants to see it.
  dispatch();
  return events;
}

function titleOf({ event, id }: SseEvent): string {
  return id === null ? event : `${event} ${id}`;
}

function laidOut(data: string): string {
  return /^\s*[{[]/.test(data) ? layoutJson(data) : data;
}

function written({ event, id, data, retry }: SseEvent): string {
  const lines = data.split("\n").map((line) => `data: ${line}`);
  if (retry !== null) lines.unshift(`retry: ${retry}`);
  if (id !== null) lines.unshift(`id: ${id}`);
  if (event !== "message") lines.unshift(`event: ${event}`);
  return `${lines.join("\n")}\n\n`;
}
