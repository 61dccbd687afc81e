import { parseAddress } from "../../../address/parse.ts";
import { sleep } from "../../../async/sleep.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { machine } from "../../../machine/machine.ts";
import { gatherRows } from "../../../ports/gather.ts";
import { takeLook } from "../../../ports/look.ts";
import { publishedRows } from "../../../ports/published.ts";
import { printableWords } from "../../../text/printable.ts";
import { canAsk, confirm } from "../../terminal/confirm.ts";
import type { Context } from "../../terminal/context.ts";
import type { CoveCommand } from "../command.ts";
import { coveKnowledge } from "../ports/cove-uses.ts";
import { ago, shortCommand, shortPath } from "../ports/words.ts";
import { type Done, doSteps } from "./do-steps.ts";
import { holdersOf } from "./holders.ts";
import { addressesText, freeVerdict, type PortHolder, type Step } from "./verdict.ts";

/** How long a port may take to be free after its holder's end, ms. */
const CLOSING_TIME = 2_000;
const CLOSING_LOOK = 50;
/** For this long nothing may take a port that is called free, ms. */
const STAY_TIME = 1_000;

export const command: CoveCommand = {
  doing: () => "looking",
  configure: (command) => {
    command
      .argument("<port>", "the port that is to be free")
      .option("-y, --yes", "don't ask")
      .option("--force", "also a database; as root also other users' processes")
      .addHelpText(
        "after",
        "\nNames what holds the port, asks, ends it with SIGTERM, and with SIGKILL after 5 s.\nA container is stopped through its engine. What belongs to Cove or the system is left alone.\n\nExamples:\n  cove free 3000\n  cove free 3000 --yes",
      );
  },
  run: async (context, [word = ""], options) => {
    const parsed = parseAddress(word);
    if (isFault(parsed)) return parsed;
    const { port } = parsed;
    if (port === 0) return fault("USAGE", "port 0 is no port", "name one from 1 to 65535");
    const yes = options.yes === true;
    const force = options.force === true;

    const holders = (await stayFree(port)) ? [] : await findHolders(port);
    if (holders.length === 0) {
      if (context.json) context.printJson({ port, free: true, holders: [], done: [], left: [] });
      else context.print(`Nothing has port ${port} open: it is free`);
      return 0;
    }
    const steps = freeVerdict(port, holders, { ...(await asker()), force });
    if (!context.json) for (const line of holders.flatMap((holder) => holderLines(context, holder))) context.note(line);
    if (isFault(steps)) return { ...steps, detail: { ...steps.detail, holders } };
    if (!yes) {
      const refused = await askFor(context, port, steps, force);
      if (refused !== null) return refused;
    }
    const done = await doSteps(context, steps);
    return report(context, port, holders, done);
  },
};

async function findHolders(port: number): Promise<PortHolder[]> {
  const knowledge = await coveKnowledge();
  const look = await takeLook();
  const udp = machine.udpSockets().filter(({ address }) => address.port === port);
  const rows = [
    ...gatherRows(machine.listeners(port), "tcp", look, knowledge.uses),
    ...gatherRows(udp, "udp", look, knowledge.uses),
  ];
  const published = publishedRows(rows, look.containers, true).filter((row) => row.port === port);
  return holdersOf(published, look, knowledge);
}

async function asker() {
  const { pid, ppid } = process;
  const [, ...ancestors] = (await takeLook()).line(pid);
  // The parent is known for sure, whatever the system tells of processes.
  return { pid, ancestors: [ppid, ...ancestors], uid: process.getuid?.() ?? null };
}

async function askFor(context: Context, port: number, steps: readonly Step[], force: boolean): Promise<Fault | null> {
  const again = `cove free ${port}${force ? " --force" : ""} --yes`;
  if (context.json || !canAsk()) {
    return fault("NOT_CONFIRMED", "there is no terminal to ask on", `to end it anyway: ${again}`, {
      port,
      holders: steps.map(({ holder }) => holder),
    });
  }
  const what = steps.length > 1 ? "them" : steps[0]?.by === "engine" ? "the container" : "it";
  if (await confirm(`${steps[0]?.by === "engine" ? "Stop" : "End"} ${what}?`)) return null;
  return fault("NOT_CONFIRMED", `port ${port} stays as it is`, `without asking: ${again}`);
}

/** Who it is, in two lines. */
function holderLines(context: Context, holder: PortHolder): string[] {
  const { pid, command, program, user, project, startedAt, container, workers } = holder;
  const name =
    container !== null
      ? `container ${printableWords(container.name)}${container.engine === null ? "" : ` (${container.engine})`}`
      : shortCommand({ command, program }, 60);
  const facts = [
    ...(pid === null ? [] : [`pid ${pid}${workers.length > 0 ? ` and ${workers.length} more` : ""}`]),
    ...(user === null ? [] : [`user ${user}`]),
    ...(project === null ? [] : [shortPath(project)]),
    ...(startedAt === null ? [] : [`since ${ago(startedAt, Date.now())}`]),
  ];
  return [`${context.paint("bold", addressesText(holder))}  ${name}`, context.paint("dim", `  ${facts.join(", ")}`)];
}

/**
 * Whether nothing takes the port for a second: what is restarted by a watcher or a service manager is back by then. Only
 * the kernel's table is read.
 */
async function stayFree(port: number): Promise<boolean> {
  const deadline = performance.now() + STAY_TIME;
  do {
    if (isHeld(port)) return false;
    await sleep(CLOSING_LOOK);
  } while (performance.now() < deadline);
  return !isHeld(port);
}

function isHeld(port: number): boolean {
  return machine.listeningPorts().has(port) || machine.udpSockets().some(({ address }) => address.port === port);
}

/** Who holds the port now. The sockets of a process that was killed outlive it for a moment: they are waited for. */
async function holdersLeft(port: number, before: readonly PortHolder[]): Promise<PortHolder[]> {
  const deadline = performance.now() + CLOSING_TIME + STAY_TIME;
  for (;;) {
    const left = await findHolders(port);
    const another = left.some((holder) => isNew(holder, before));
    if (another || performance.now() > deadline) return left;
    if (left.length === 0 && (await stayFree(port))) return left;
    await sleep(CLOSING_LOOK);
  }
}

function isNew({ pid }: PortHolder, before: readonly PortHolder[]): boolean {
  return pid !== null && !before.some((one) => one.pid === pid || one.workers.includes(pid));
}

/** Says what came of it, after another look at the port. */
async function report(context: Context, port: number, before: readonly PortHolder[], done: readonly Done[]) {
  const left = await holdersLeft(port, before);
  const failed = done.find(({ error }) => error !== null);
  if (context.json) context.printJson({ port, free: left.length === 0, holders: before, done, left });
  if (left.length === 0) {
    if (!context.json) context.print(`Port ${port} is free: ${done.map(({ text }) => text).join("; ")}`);
    return 0;
  }
  const next = left.find((holder) => isNew(holder, before)) ?? left[0];
  const again = next !== undefined && isNew(next, before);
  const who = next === undefined ? "" : shortCommand(next, 40);
  const problem = again
    ? fault(
        "PORT_TAKEN",
        `port ${port} was freed and taken again at once by ${who} (pid ${next?.pid}): something starts it again`,
        `end what starts it, such as a watcher or a service manager; see: cove explain pid ${next?.pid}`,
        { port, pid: next?.pid },
      )
    : fault(
        "PORT_TAKEN",
        `port ${port} is still held: ${failed?.error ?? failed?.text ?? who}`,
        `see: cove explain ${port}`,
        { port },
      );
  // The answer in JSON has been given; the exit code says the rest.
  return context.json ? 1 : problem;
}
