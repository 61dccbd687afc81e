import { KINDS } from "../../conditions/conditions.ts";
import { PROFILES } from "../../conditions/profiles.ts";
import { fault } from "../../fault/fault.ts";
import type { CoveCommand } from "./command.ts";

interface Named {
  readonly name: string;
  readonly summary: string;
}

/** The command that prints a shell's completion of `commands`. */
export const completionOf = (commands: readonly Named[]): CoveCommand => ({
  configure: (command) => {
    command
      .argument("<shell>", "bash, zsh or fish")
      .addHelpText(
        "after",
        "\nExamples:\n  source <(cove completion bash)\n  cove completion zsh > ~/.zfunc/_cove\n  cove completion fish > ~/.config/fish/completions/cove.fish",
      );
  },
  run: async (context, [shell = ""]) => {
    const script = SHELLS[shell];
    if (script === undefined) return fault("USAGE", `no completion for ${shell}`, "there is one for: bash, zsh, fish");
    if (context.json) context.printJson({ shell, script: script(commands) });
    else context.print(script(commands));
    return 0;
  },
});

const names = (commands: readonly Named[]) => commands.map(({ name }) => name).join(" ");
/** What may follow `cove shape` besides edges: an edge's own name is best typed. */
const shapes = () => ["off", "all", "play", ...PROFILES.map(({ name }) => name), ...Object.keys(KINDS)].join(" ");
const quoted = (text: string) => text.replaceAll("'", "");

const SHELLS: Record<string, (commands: readonly Named[]) => string> = {
  bash: (commands) => `_cove() {
  local cur=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names(commands)} --help --version" -- "$cur"))
  elif [ "\${COMP_WORDS[1]}" = shape ]; then
    COMPREPLY=($(compgen -W "${shapes()} --json --profiles --stack --seed --help" -- "$cur") $(compgen -f -- "$cur"))
  else
    COMPREPLY=($(compgen -W "--json --cwd --color --no-color --help" -- "$cur") $(compgen -f -- "$cur"))
  fi
}
complete -F _cove cove`,
  zsh: (commands) => `#compdef cove
_cove() {
  local -a commands=(
${commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`).join("\n")}
  )
  if (( CURRENT == 2 )); then _describe 'command' commands
  elif [[ $words[2] == shape ]]; then compadd ${shapes()}; _files
  else _files; fi
}
compdef _cove cove`,
  fish: (commands) =>
    commands
      .map(({ name, summary }) => `complete -c cove -n __fish_use_subcommand -f -a ${name} -d '${quoted(summary)}'`)
      .concat(`complete -c cove -n '__fish_seen_subcommand_from shape' -a '${shapes()}'`)
      .join("\n"),
};
