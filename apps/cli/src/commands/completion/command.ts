import { Argument } from "commander";
import type { CommandContext } from "../../definition/context.ts";
import { exitCodes, WRONG_USAGE } from "../../help/exit-codes.ts";

const HELP = `
Examples:
  mailonce completion bash > ~/.local/share/bash-completion/completions/mailonce
  mailonce completion zsh > ~/.zfunc/_mailonce          (with fpath+=~/.zfunc before compinit)
  mailonce completion fish > ~/.config/fish/completions/mailonce.fish
  eval "$(mailonce completion bash)"                    for this shell alone

${exitCodes({ 0: "done", 2: WRONG_USAGE })}`;

/** completion, and what the scripts that it writes call. */
export function addCompletionCommands({ program, invocation }: CommandContext): void {
  const { terminal, env } = invocation;
  program
    .command("completion")
    .description("write a script by which your shell completes commands, options and accounts")
    .addArgument(new Argument("<SHELL>", "your shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", HELP)
    .showHelpAfterError("Try: mailonce completion --help")
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const { COMPLETION_SCRIPTS } = await import("./scripts.ts");
      await terminal.write(COMPLETION_SCRIPTS[shell]);
    });
  program
    .command("complete-words", { hidden: true })
    .argument("[WORD...]")
    .action(async (words: string[]) => {
      const { completions } = await import("./complete-words.ts");
      const lines = await completions(words, program, env);
      if (lines.length > 0) await terminal.write(`${lines.join("\n")}\n`);
    });
}
