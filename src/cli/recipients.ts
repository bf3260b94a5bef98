import { userInfo } from "node:os";
import type { OutboxRecord } from "../reply/outbox/record.ts";
import type { RecipientEdit } from "../queue/reply/recipients.ts";
import { CliError, EXIT } from "./exit.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface RecipientOptions extends ServiceOptions {
  readonly remove?: readonly string[];
  readonly replace?: readonly string[];
}

function collect(value: string, former: readonly string[] = []): string[] {
  return [...former, value];
}

/** `old=new`; an address may hold a `=` of its own, but not two `@` on one side. */
function readReplacement(text: string): RecipientEdit {
  const found = /^([^@]+@[^@=]+)=([^@]+@[^@]+)$/.exec(text);
  if (found === null) throw new CliError(`--replace ${text}: say OLD=NEW, two addresses`, EXIT.usage);
  return { address: found[1] ?? "", replacement: found[2] ?? "" };
}

/** `avicbot recipients`: to whom a held reply goes; leaves some out or puts others in their place. */
export const configureRecipients: ConfigureVerb = (command, io, done) => {
  addConfigOption(command)
    .argument(
      "<message-id>",
      "id of the cover, a patch or the reply: <id>, id, percent-encoded, or a lore URL",
    )
    .option("--remove <address>", "leave a recipient out; repeatable", collect)
    .option("--replace <old=new>", "put another address in its place; repeatable", collect)
    .option("--json", "print JSON")
    .action(async (text: string, options: RecipientOptions) => {
      const removals = (options.remove ?? []).map((address): RecipientEdit => ({
        address,
        replacement: null,
      }));
      const edits = [...removals, ...(options.replace ?? []).map(readReplacement)];
      await withService(options, async ({ context }) => {
        const { findSeriesByText } = await import("../store/lookup.ts");
        const { keyOfMail } = await import("../queue/reply/move.ts");
        const { findReply } = await import("../store/replies.ts");
        if (edits.length > 0) {
          const { editRecipients } = await import("../queue/reply/recipients.ts");
          const edited = await editRecipients(context, text, { edits, by: userInfo().username });
          if (!edited.ok) throw new CliError(edited.reason);
        }
        const series = await findSeriesByText(context.db, text);
        const key = series === null ? "" : await keyOfMail(context, series.value.key, text);
        const reply = await findReply(context.db, key);
        if (reply === null) throw new CliError(`no reply is known by ${text}: \`avicbot outbox\` lists them`);
        io.out(options.json ? `${JSON.stringify(view(reply.value))}\n` : list(reply.value));
      });
      done(EXIT.done);
    });
};

function list({ recipients }: OutboxRecord): string {
  return `${recipients.join("\n")}\n`;
}

function view({ messageId, state, recipients, lists }: OutboxRecord): object {
  return { messageId, state, recipients, lists };
}
