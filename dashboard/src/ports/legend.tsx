import { count } from "../text/size.ts";
import { LegendMark } from "./chart-mark.tsx";
import { MARK_KINDS, type Mark, type MarkKind } from "./marks.ts";
import "./legend.css";

const WORDS: Record<MarkKind, string> = {
  everywhere: "open to every network",
  lan: "open to the local network",
  door: "Cove's door",
  cove: "Cove's services and edges",
  loopback: "this machine alone",
  lease: "leased, quiet",
};

/** The picture's marks in words, and how many there are of each. */
export function Legend({ marks }: { readonly marks: readonly Mark[] }) {
  const clashes = marks.filter(({ conflict }) => conflict !== null && conflict.kind !== "apart").length;
  return (
    <ul className="port-legend">
      {MARK_KINDS.map((kind) => {
        const many = marks.filter((mark) => mark.kind === kind).length;
        if (many === 0 && kind !== "everywhere" && kind !== "loopback") return null;
        return (
          <li key={kind}>
            <LegendMark kind={kind} />
            {kind === "door" ? WORDS.door : `${many} ${WORDS[kind]}`}
          </li>
        );
      })}
      {clashes > 0 && (
        <li>
          <svg className="buoy" viewBox="-10 -10 20 20" width="18" height="18" aria-hidden="true">
            <circle className="buoy-clash" r="8.5" />
          </svg>
          {count(clashes, "clash", "clashes")}
        </li>
      )}
      <li>
        <span className="legend-hatch" aria-hidden="true" />
        given to outgoing connections
      </li>
    </ul>
  );
}
