import { type ReactNode, useState } from "react";
import "./json-tree.css";

/** Names of one object, or things of one list, that are drawn at once. */
const PAGE = 100;
/** Open at first: so deep, and not what has more than this. */
const OPEN_DEPTH = 3;
const OPEN_SIZE = 40;

/** JSON as a tree that opens and closes. */
export function JsonTree({ value }: { readonly value: unknown }) {
  return (
    <div className="tree">
      <Node name={null} value={value} depth={0} />
    </div>
  );
}

interface NodeProps {
  readonly name: ReactNode;
  readonly value: unknown;
  readonly depth: number;
}

function Node({ name, value, depth }: NodeProps) {
  const inner = entriesOf(value);
  const [open, setOpen] = useState(depth === 0 || (depth < OPEN_DEPTH && (inner?.length ?? 0) <= OPEN_SIZE));
  const [shown, setShown] = useState(PAGE);
  if (inner === null) {
    return (
      <div className="tree-line">
        {name}
        <Leaf value={value} />
      </div>
    );
  }
  const list = Array.isArray(value);
  if (inner.length === 0) {
    return (
      <div className="tree-line">
        {name}
        <span className="soft">{list ? "[]" : "{}"}</span>
      </div>
    );
  }
  return (
    <div className="tree-node">
      <button type="button" className="tree-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="tree-sign" aria-hidden="true" />
        {name}
        <span className="soft">{list ? `[ ${inner.length} ]` : open ? "{" : `{ ${preview(inner)} }`}</span>
      </button>
      {open && (
        <div className="tree-inner">
          {inner.slice(0, shown).map(([key, one]) => (
            <Node
              key={key}
              name={
                <span className={list ? "tree-index" : "code-key"}>
                  {key}
                  <span className="soft">: </span>
                </span>
              }
              value={one}
              depth={depth + 1}
            />
          ))}
          {inner.length > shown && (
            <button type="button" className="button more" onClick={() => setShown(shown + 10 * PAGE)}>
              {(inner.length - shown).toLocaleString("en")} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Leaf({ value }: { readonly value: unknown }) {
  if (typeof value === "string") return <span className="code-string">{JSON.stringify(value)}</span>;
  if (typeof value === "number") return <span className="code-number">{String(value)}</span>;
  return <span className="code-word">{String(value)}</span>;
}

/** Null for what has nothing in it that could be opened. */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | null {
  if (Array.isArray(value)) return value.map((one, at) => [String(at), one] as const);
  return typeof value === "object" && value !== null ? Object.entries(value) : null;
}

function preview(entries: readonly (readonly [string, unknown])[]): string {
  const names = entries.slice(0, 4).map(([key]) => key);
  return names.join(", ") + (entries.length > 4 ? ", …" : "");
}
