import { fault } from "../../fault/fault.ts";
import type { CoveCommand } from "./command.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command.argument("<shell>", "bash, zsh or fish").addHelpText(
      "after",
      `
The script asks Cove at each Tab what fits: commands, options, services, stacks, edges, recordings, exchanges.

Once, in the shell's own file:
  ~/.bashrc                    source <(cove completion bash)
  ~/.zshrc, after compinit     source <(cove completion zsh)
  ~/.config/fish/config.fish   cove completion fish | source`,
    );
  },
  run: async (context, [shell = ""]) => {
    const script = SCRIPTS[shell];
    if (script === undefined) {
      return fault("USAGE", `no completion for ${shell}`, "there is one for bash, zsh and fish: cove completion bash");
    }
    if (context.json) context.printJson({ shell, script });
    else context.printData(script);
    return 0;
  },
};

/**
 * Each hands the line up to the cursor to `cove __complete`, and nothing else happens in the shell. The first line of the
 * answer says what the shell adds by itself; the others are values.
 */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_cove() {
  local also line
  COMPREPLY=()
  {
    IFS= read -r also
    while IFS= read -r line; do COMPREPLY+=("$line"); done
  } < <(command cove __complete bash "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
  # Bash before 4 has no compopt: it offers files where nothing fits.
  compopt +o default -o nosort 2>/dev/null
  case $also in
    *open) compopt -o nospace 2>/dev/null ;;
    files) compopt -o default 2>/dev/null ;;
    folders) compopt -o dirnames 2>/dev/null ;;
    programs*)
      if declare -F _command_offset >/dev/null; then
        _command_offset "\${also#programs }"
      else
        compopt -o default 2>/dev/null
        [ "\${also#programs }" -lt "$COMP_CWORD" ] || COMPREPLY=($(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}"))
      fi ;;
  esac
}
complete -o default -F _cove cove`,
  zsh: `#compdef cove
_cove() {
  local also line ret=1
  local -a answer plain open
  answer=("\${(@f)$(command cove __complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  also=\${answer[1]}
  for line in "\${(@)answer[2,-1]}"; do
    case $line in
      ('+'*) open+=("\${line#?}") ;;
      ('='*) plain+=("\${line#?}") ;;
    esac
  done
  [[ $PREFIX == --*=* ]] && compset -P '*='
  (( $#plain )) && _describe -V 'cove' plain && ret=0
  (( $#open )) && _describe -V 'cove' open -S '' && ret=0
  case $also in
    (files) _files && ret=0 ;;
    (folders) _files -/ && ret=0 ;;
    (programs*)
      shift \${also#programs } words
      (( CURRENT -= \${also#programs } ))
      _normal && ret=0 ;;
  esac
  return ret
}
if [[ $funcstack[1] == _cove ]]; then _cove "$@"; elif (( $+functions[compdef] )); then compdef _cove cove; fi`,
  fish: `function __cove_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer (command cove __complete fish -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    string join \\n -- $answer[2..-1]
    switch "$answer[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
        case 'programs *'
            set -l from (math 1 + (string replace 'programs ' '' -- $answer[1]))
            set -l all (string escape -- $words) "$current"
            complete -C (string join ' ' -- $all[$from..-1])
    end
end
complete -c cove -e
complete -c cove -k -f -a '(__cove_complete)'`,
};
