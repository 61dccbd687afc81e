import type { ExchangeDetail } from "../../../../src/inspect/detail.ts";
import { Code } from "../body/code.tsx";

/** A command with its words, and the reply as redis-cli prints it. */
export function RedisCommand({ command, args, reply }: NonNullable<ExchangeDetail["redis"]>) {
  return (
    <>
      <section className="part">
        <h3>Command</h3>
        <pre className="code">
          <span className="code-word">{command}</span>
          {args.map((arg, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a word is its place
            <span key={at} className="code-string">
              {" "}
              {/[\s"]/.test(arg) || arg === "" ? JSON.stringify(arg) : arg}
            </span>
          ))}
        </pre>
      </section>
      <section className="part">
        <h3>Reply</h3>
        {reply === null ? <p className="soft">None yet.</p> : <Code text={reply} language={null} />}
      </section>
    </>
  );
}
