import { fault, isFault } from "../../../fault/fault.ts";
import { isSecret } from "../../../home/view/redact.ts";
import type { WithheldVariable } from "../../../stack/plan/environment.ts";
import { HIDDEN } from "../../../stack/run/shown.ts";
import type { Context } from "../../terminal/context.ts";
import { table, wrap } from "../../terminal/table.ts";
import type { CoveCommand, Outcome } from "../command.ts";
import { runWith } from "./env-run.ts";
import { type EnvVariable, type ServiceVariables, variablesHere } from "./env-variables.ts";

export const command: CoveCommand = {
  // A command that is run has the terminal to itself.
  doing: ([, ...command]) => (command.length === 0 ? "reading the config" : null),
  configure: (command) => {
    command
      .argument("[service]", "a service of this folder's stack; default: all")
      .argument("[command...]", "after --: a command to run with the service's variables")
      .option("--all", "also what the service just has from this shell")
      .option("--show-secrets", "show passwords and tokens")
      .option("--export", "export lines for a shell, secrets included")
      .addHelpText(
        "after",
        '\nExamples:\n  cove env\n  cove env api --show-secrets\n  eval "$(cove env api --export)"\n  cove env api -- npx prisma migrate dev',
      );
  },
  run: async (context, [service, ...words], options) => {
    if (words.length > 0 && options.export === true)
      return fault("USAGE", "--export and a command are two things", "leave --export out, or the command");
    const found = await variablesHere(context.cwd, service);
    if (isFault(found)) return found;
    const [only] = found;
    if (words.length > 0 && only !== undefined) return await runWith(only, words, context);
    if (options.export === true) return exportLines(context, found);
    const shown = found.map((one) => ({
      ...{ service: one.service, names: one.names },
      variables: one.variables.filter((variable) => options.all === true || !isPlainShell(variable)),
      more: options.all === true ? 0 : one.variables.filter(isPlainShell).length,
      withheld: one.withheld,
    }));
    const reveal = options.showSecrets === true;
    if (context.json) context.printJson({ services: shown.map((one) => asJson(one, reveal)) });
    else for (const one of shown) showVariables(context, one, reveal, found.length > 1);
    return 0;
  },
};

interface Shown {
  readonly service: string;
  readonly variables: readonly EnvVariable[];
  readonly names: ServiceVariables["names"];
  /** Variables of the shell that aren't shown. */
  readonly more: number;
  readonly withheld: ServiceVariables["withheld"];
}

/** It is the shell's and hides nothing: the service has it as any program has. */
const isPlainShell = ({ from, insteadOf }: EnvVariable): boolean => from === "shell" && insteadOf.length === 0;

const shownValue = ({ name, value }: EnvVariable, reveal: boolean): string =>
  !reveal && isSecret(name, value) ? HIDDEN : value;

function asJson({ service, variables, names, withheld }: Shown, reveal: boolean) {
  return {
    service,
    variables: variables.map((variable) => ({
      ...{ name: variable.name, value: shownValue(variable, reveal), from: variable.from },
      ...(variable.insteadOf.length > 0 && { insteadOf: variable.insteadOf }),
      secret: isSecret(variable.name, variable.value),
    })),
    ...(names.length > 0 && { names }),
    withheld: withheld.map(({ name, edge, readBy }) => ({ name, from: `edge ${edge}`, readBy })),
  };
}

function showVariables(
  context: Context,
  { service, variables, names, more, withheld }: Shown,
  reveal: boolean,
  titled: boolean,
): void {
  const { print, paint } = context;
  if (titled) print(paint("bold", service));
  const rows = variables.map((variable) => [
    variable.name,
    paint("dim", `${variable.from}${instead(variable)}`),
    inTable(variable, reveal),
  ]);
  for (const line of table(rows)) print(line);
  if (more > 0) print(paint("dim", `  and ${more} of this shell's: cove env ${service} --all`));
  for (const { name, host, ports } of names) {
    print(`  ${name}:${ports.join(`, ${name}:`)} ${paint("dim", `by name, at ${host}`)}`);
  }
  for (const line of withheld.flatMap((one) => withheldText(context, one))) print(line);
  if (titled) print("");
}

/** Why a variable isn't there, and how it is had all the same. */
function withheldText({ paint, width: columns }: Context, { name, edge, readBy }: WithheldVariable): string[] {
  const fact = /_(HOST|PORT|URL)$/.exec(name)?.[1]?.toLowerCase();
  const way = fact === undefined ? "" : ` Under a name of your own: env: { MY_NAME: "\${${edge}.${fact}}" }.`;
  const text = `${name} of ${edge} isn't handed out: ${readBy} would take it for its own setting.${way}`;
  return wrap(text, columns - 4).map((line, n) => paint("yellow", `${n === 0 ? "  ! " : "    "}${line}`));
}

/** A value of several lines stays in its row, and of PATH only what Cove adds is shown. */
function inTable(variable: EnvVariable, reveal: boolean): string {
  const ofShell = process.env.PATH ?? "";
  const { name, value } = variable;
  if (name === "PATH" && ofShell !== "" && value.endsWith(ofShell)) return `${value.slice(0, -ofShell.length)}$PATH`;
  return shownValue(variable, reveal).replaceAll("\n", "\\n");
}

const instead = ({ insteadOf }: EnvVariable): string =>
  insteadOf.length === 0 ? "" : `, not ${insteadOf.join(" or ")}`;

/** Lines for sh, bash and zsh. A shell has what is its own, and takes no name with dots and dashes. */
function exportLines(context: Context, found: readonly ServiceVariables[]): Outcome {
  const [only, second] = found;
  if (only === undefined || second !== undefined) {
    const names = found.map(({ service }) => service).join(", ");
    return fault(
      "USAGE",
      "whose variables?",
      `name a service, as in: cove env ${only?.service} --export; there are ${names}`,
    );
  }
  const [fit, unfit] = partition(
    only.variables.filter(({ from }) => from !== "shell"),
    ({ name }) => /^[A-Za-z_]\w*$/.test(name),
  );
  if (context.json) {
    context.printJson({ export: Object.fromEntries(fit.map(({ name, value }) => [name, value])) });
    return 0;
  }
  for (const { name, value } of fit) context.printRaw(`export ${name}='${value.replaceAll("'", "'\\''")}'`);
  if (unfit.length > 0)
    context.note(`left out, since no shell takes such names: ${unfit.map(({ name }) => name).join(", ")}`);
  return 0;
}

function partition<T>(list: readonly T[], fits: (one: T) => boolean): [T[], T[]] {
  return [list.filter(fits), list.filter((one) => !fits(one))];
}
