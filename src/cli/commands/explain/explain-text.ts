import { isLoopback, isUnspecified } from "../../../address/classify.ts";
import { formatAddress } from "../../../address/parse.ts";
import type { Answer } from "../../../machine/probe/probe.ts";
import type { HttpAnswer } from "../../../machine/probe/recognize.ts";
import type { ContainerFacts, PortRow, ProcessFacts } from "../../../ports/row.ts";
import { printableWords } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { table, width, wrap } from "../../terminal/table.ts";
import { ago, EXPOSURE_WORDS, shortCommand, shortPath } from "../ports/words.ts";
import type { Client, Explanation } from "./explanation.ts";
import { projectLines } from "./this-project.ts";

/** The widest that sentences get, columns. */
const WIDEST = 96;
/** Clients that are named one by one. */
const NAMED_CLIENTS = 5;

/** Columns that what is said needs beside its label. */
const NARROWEST = 28;

/** A label and what is said under it, a paragraph each. */
interface Section {
  readonly label: string;
  readonly lines: readonly string[];
  readonly style?: "dim" | "yellow";
}

/** An explanation for people: a heading, then labelled sections. */
export function explanationLines(context: Context, explanation: Explanation): string[] {
  const { about, title, next, notes } = explanation;
  const sections = sectionsOf(explanation).filter(({ lines }) => lines.length > 0);
  const labels = Math.max(8, ...sections.map(({ label }) => width(label))) + 4;
  // On a narrow terminal what is said stands under its label.
  const under = context.width - labels < NARROWEST;
  const indent = under ? 4 : labels;
  const room = Math.min(context.width, WIDEST) - indent;
  const body = sections.flatMap(({ label, lines, style }) => [
    ...(under ? [`  ${context.paint(style === "yellow" ? "yellow" : "bold", label)}`] : []),
    ...lines
      .flatMap((line) => wrap(printableWords(line), room))
      .map((line, at) => {
        const head = at === 0 && !under ? context.paint(style === "yellow" ? "yellow" : "bold", label) : "";
        const gap = " ".repeat(indent - 2 - (at === 0 && !under ? width(label) : 0));
        return `  ${head}${gap}${style === "dim" ? context.paint("dim", line) : line}`;
      }),
  ]);
  const steps = stepLines(context, next, room);
  const heading =
    title === null ? printableWords(about) : `${printableWords(about)}  ${context.paint("dim", printableWords(title))}`;
  return [
    context.paint("bold", heading),
    "",
    ...body,
    ...(steps.length === 0
      ? []
      : ["", ...steps.map((step, at) => `  ${(at === 0 && !under ? "next" : "").padEnd(indent - 2)}${step}`)]),
    ...notes.map((note) => context.paint("dim", `\n  ${note}`)),
  ];
}

/** Commands beside what they do; where that is too wide, above it. */
function stepLines(context: Context, next: Explanation["next"], room: number): string[] {
  const beside = table(
    next.map(({ command, why }) => [command, context.paint("dim", why)]),
    "",
    Number.POSITIVE_INFINITY,
  );
  if (beside.every((line) => width(line) <= room)) return beside;
  return next.flatMap(({ command, why }) => [
    command,
    ...wrap(why, room - 2).map((line) => context.paint("dim", `  ${line}`)),
  ]);
}

function sectionsOf(explanation: Explanation): Section[] {
  const { address, port, tour, resolvesTo, process, listeners, clients, probe, troubles } = explanation;
  return [
    { label: tour ? (address?.host ?? "") : "address", lines: address === null ? [] : addressLines(explanation) },
    ...(tour
      ? [
          {
            label: ":",
            lines: [
              "Between them: the address finds the machine, the port the program on it, as a street's number finds the house and a flat's number the flat.",
            ],
          },
        ]
      : []),
    { label: tour ? String(port?.port ?? "") : "port", lines: port === null ? [] : port.text },
    { label: "whose", lines: tour || explanation.where?.text == null ? [] : [explanation.where.text] },
    { label: "stands for", lines: tour || resolvesTo.length === 0 ? [] : [resolvesTo.join(", ")] },
    { label: "process", lines: process === null ? [] : processLines(process) },
    { label: "started by", lines: explanation.ancestors.map((one) => `${shortCommand(one, 60)} (pid ${one.pid})`) },
    { label: "Cove", lines: coveLines(explanation) },
    { label: process === null ? "now" : "listens", lines: listenerLines(explanation, listeners) },
    { label: "project", lines: explanation.project === null ? [] : projectLines(explanation.project) },
    { label: "connected", lines: clientLines(clients) },
    { label: "answers", lines: probe === null ? [] : answerLines(probe) },
    // That Cove doesn't run yet is nothing to be careful about.
    ...troubles.map(({ code, text }) =>
      tour && code === "not-running"
        ? { label: "", lines: [text] }
        : { label: "careful", lines: [text], style: "yellow" as const },
    ),
  ];
}

function addressLines({ address }: Explanation): string[] {
  if (address === null) return [];
  const [range] = address.ranges;
  return [address.text, ...(range === undefined ? [] : [`${range.prefix} ${range.name}, ${range.rfc}`])];
}

function coveLines({ cove, behind, tour }: Explanation): string[] {
  if (tour) {
    return [
      "This is the one address behind which Cove keeps every service you run: names, dashboard and API share it. It answers to this machine alone, and only to names that it knows.",
    ];
  }
  if (cove === null) return [];
  const way = behind === null ? "" : ` The door leads this name to ${formatAddress(behind)}.`;
  switch (cove.use) {
    case "door":
      return ["Cove's door: every service that Cove knows is reached here by name."];
    case "service":
      return [`${cove.label} (${cove.kind}) is ${cove.state}: ${cove.url}.${way}`, shortPath(cove.root)];
    case "edge":
      return [
        `A relay: ${cove.from} connects to this address, and Cove passes its bytes on to ${cove.to}.`,
        shortPath(cove.root),
      ];
    case "alias":
      return [`${cove.url} leads here.${way}`];
    case "lease":
      return [
        `Kept for ${cove.holder.replace(":", " ")} of ${shortPath(cove.root)}${cove.branch === null ? "" : ` (${cove.branch})`}, run after run.`,
      ];
  }
}

function listenerLines(explanation: Explanation, rows: readonly PortRow[]): string[] {
  const { port, process, where } = explanation;
  const other = where?.machine === "other" || where?.machine === "unknown";
  if (rows.length === 0) return (port === null && process === null) || other ? [] : ["nobody listens"];
  return [...groupedLines(process, rows), ...answerHere(explanation)];
}

/** Whether what listens is reached at an address of a network that this machine has. */
function answerHere({ address, port, where, answering }: Explanation): string[] {
  const [ip] = where?.own ?? [];
  if (ip === undefined || address === null || port === null || isLoopback(ip) || isUnspecified(ip)) return [];
  const [first] = answering;
  return [
    first === undefined
      ? `nobody is reached at ${formatAddress({ host: ip, port: port.port })}`
      : `reached at ${formatAddress({ host: ip, port: port.port })}: ${whoLine(first)}`,
  ];
}

function groupedLines(process: ProcessFacts | null, rows: readonly PortRow[]): string[] {
  // One process on several addresses is said once.
  const groups = new Map<string, PortRow[]>();
  for (const row of rows) {
    const key = `${row.pids[0] ?? `uid ${row.uid}`} ${row.container?.id ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const at = own.map((row) => formatAddress(row)).join(" and ");
    const reach = [...new Set(own.map((row) => EXPOSURE_WORDS[row.exposure]))].join(", ");
    const where = `on ${at}, reached from: ${reach}`;
    return process === null ? [whoLine(first), ...(factsLine(first) === "" ? [] : [factsLine(first)]), where] : [where];
  });
}

function whoLine({ process, pids, user, uid }: PortRow): string {
  const whose = user ?? (uid === null ? null : `uid ${uid}`);
  if (process === null) return `a process of ${whose ?? "another user"}, which this user may not see`;
  const more = pids.length > 1 ? ` and ${pids.length - 1} more` : "";
  return `${shortCommand(process, 70)} (pid ${process.pid}${more}${whose === null ? "" : `, user ${whose}`})`;
}

function factsLine({ process, container }: PortRow): string {
  return [
    ...(process?.startedAt == null ? [] : [`since ${ago(process.startedAt, Date.now())}`]),
    ...(process?.project == null ? [] : [`in ${shortPath(process.project)}`]),
    ...(container === null ? [] : [containerText(container)]),
  ].join(", ");
}

function processLines(process: ProcessFacts): string[] {
  const { user, uid, startedAt, project, cwd, container } = process;
  const facts = [
    ...(user === null && uid === null ? [] : [`user ${user ?? uid}`]),
    ...(startedAt === null ? [] : [`since ${ago(startedAt, Date.now())}`]),
    ...(container === null ? [] : [containerText(container)]),
  ].join(", ");
  const where = project ?? cwd;
  return [
    shortCommand(process, 200),
    ...(facts === "" ? [] : [facts]),
    ...(where === null ? [] : [`in ${shortPath(where)}`]),
  ];
}

function clientLines(clients: readonly Client[]): string[] {
  if (clients.length === 0) return [];
  const counted = new Map<string, number>();
  for (const { host, process } of clients) {
    const who = process === null ? printableWords(host) : `${shortCommand(process, 40)} (pid ${process.pid})`;
    counted.set(who, (counted.get(who) ?? 0) + 1);
  }
  const named = [...counted]
    .slice(0, NAMED_CLIENTS)
    .map(([who, count]) => (count === 1 ? who : `${who}, ${count} times`));
  const rest = counted.size - named.length;
  return [...named, ...(rest > 0 ? [`and ${rest} more`] : [])];
}

function answerLines(answer: Answer): string[] {
  switch (answer.protocol) {
    case "http":
      return [`HTTP: ${httpText(answer.http)}`];
    case "http2":
      return ["HTTP/2 without TLS, as gRPC servers use it"];
    case "tls":
      return tlsLines(answer);
    case "postgres":
      return [`PostgreSQL, ${answer.tls ? "with" : "without"} TLS`];
    case "redis":
      return [
        `Redis, ${answer.password ? "with a password" : "without a password: anyone who reaches it can read and write"}`,
      ];
    case "inspector":
      return ["the inspector of a Node program: anyone who reaches it runs code as its user"];
    case "memcached":
      return ["memcached"];
    case "none":
      return [`nothing: ${answer.code === "ECONNREFUSED" ? "connection refused" : answer.code}`];
    case "unknown":
      return [answer.said === null ? "it accepts connections and sends nothing" : `something unknown: ${answer.said}`];
    default:
      return [`${answer.protocol.toUpperCase()}: ${answer.version}`];
  }
}

function httpText({ status, reason, server, title, location }: HttpAnswer): string {
  return [
    `${status} ${reason}`.trim(),
    ...(title === null ? [] : [`“${title}”`]),
    ...(server === null ? [] : [`by ${server}`]),
    ...(location === null ? [] : [`leads to ${location}`]),
  ].join(", ");
}

function tlsLines({ version, certificate, http }: Extract<Answer, { protocol: "tls" }>): string[] {
  const until = certificate === null ? "" : new Date(certificate.validTo).toISOString().slice(0, 10);
  const by = certificate?.selfSigned ? "signed by itself" : `signed by ${certificate?.issuer ?? "nobody"}`;
  return [
    `${version ?? "TLS"}${http === null ? "" : `, HTTP: ${httpText(http)}`}`,
    ...(certificate === null
      ? []
      : [
          `certificate of ${certificate.subject ?? "nobody"}, ${by}, until ${until}, for ${certificate.names.join(", ") || "no name"}`,
        ]),
  ];
}

function containerText({ name, id, engine }: ContainerFacts): string {
  return `container ${printableWords(name ?? id.slice(0, 12))}${engine === null ? "" : ` (${engine})`}`;
}
