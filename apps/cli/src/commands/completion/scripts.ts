/**
 * The completion script of each shell. It calls `mailonce complete-words -- WORD…`, where the last word is the one at the
 * cursor. That writes a line for each candidate: the word, a tab and what it is. Instead it may write `:files` or
 * `:directories`, which the shell completes itself.
 */
export const COMPLETION_SCRIPTS: Readonly<Record<"bash" | "zsh" | "fish", string>> = {
  bash: `# bash completion of mailonce
_mailonce() {
  local cur=\${COMP_WORDS[COMP_CWORD]} line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur") ;;
      :directories) compopt -o filenames; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$cur") ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${COMP_WORDS[0]}" complete-words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _mailonce mailonce
`,
  zsh: `#compdef mailonce
_mailonce() {
  local -a candidates
  local line
  while IFS= read -r line; do
    case $line in
      :files) _files; return ;;
      :directories) _files -/; return ;;
      *) candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <("\${words[1]}" complete-words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe mailonce candidates
}
if [ "$funcstack[1]" = _mailonce ]; then
  _mailonce "$@"
else
  compdef _mailonce mailonce
fi
`,
  fish: `# fish completion of mailonce
function __mailonce_complete
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    for line in ($words[1] complete-words -- $words[2..-1] "$token" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$token"
            case ':directories'
                __fish_complete_directories "$token"
            case '*'
                echo $line
        end
    end
end
complete -c mailonce -f -a '(__mailonce_complete)'
`,
};
