/** What the verbs that move a reply share. */
import type { Command } from "commander";
import { userInfo } from "node:os";
import type { Move } from "../queue/reply/move.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";

export function addMoveOptions(command: Command): Command {
  return addConfigOption(command)
    .argument(
      "<message-id>",
      "id of the cover, a patch or the reply: <id>, id, percent-encoded, or a lore URL",
    )
    .option("--json", "print JSON");
}

/** Moves the reply in the name of the user of this machine. */
export function moveAction(move: Move, io: Io, done: (code: ExitCode) => void) {
  return async (text: string, options: ServiceOptions): Promise<void> => {
    await withService(options, async ({ context }) => {
      const { moveReply } = await import("../queue/reply/move.ts");
      const moved = await moveReply(context, text, { move, by: userInfo().username });
      if (!moved.ok) throw new CliError(moved.reason);
      const { state = null, messageId = null, reason = null } = moved.record ?? {};
      const line = messageId === null ? "no reply; the series is ignored" : `<${messageId}> is ${state}`;
      io.out(options.json ? `${JSON.stringify({ state, messageId, reason })}\n` : `${line}\n`);
    });
    done(EXIT.done);
  };
}
