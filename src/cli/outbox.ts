import type { OutboxRecord } from "../reply/outbox/record.ts";
import { EXIT } from "./exit.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface OutboxOptions extends ServiceOptions {
  readonly stop?: string;
  readonly resume?: boolean;
}

function describe(record: OutboxRecord): string {
  const made = new Date(record.createdAt).toISOString().slice(0, 16);
  const due = record.dueAt === null ? "" : `, due ${new Date(record.dueAt).toISOString().slice(0, 16)}`;
  const reason = record.reason === null ? "" : `: ${record.reason}`;
  const to = record.recipients.join(", ");
  const bounces = record.bounces.map(({ text }) => `\n  came back: ${text}`).join("");
  return `${made} ${record.kind.padEnd(10)} ${record.state.padEnd(8)} <${record.messageId}> to ${to}${due}${reason}${bounces}\n`;
}

function publicView({ mail, ...record }: OutboxRecord): object {
  return { ...record, bytes: mail.length };
}

/** `avicbot outbox`: what waits, what went out, what was refused; and the emergency stop. */
export const configureOutbox: ConfigureVerb = (command, io, done) => {
  addConfigOption(command)
    .option("--stop <reason>", "send nothing any more until --resume")
    .option("--resume", "send again")
    .option("--json", "print JSON, one mail a line")
    .action(async (options: OutboxOptions) => {
      await withService(options, async ({ context: { db } }) => {
        const { readStop, setStop } = await import("../store/mutes.ts");
        const { listReplies } = await import("../store/replies.ts");
        if (options.stop !== undefined || options.resume) await setStop(db, options.stop ?? null);
        const stop = await readStop(db);
        if (stop !== null) io.err(`avicbot: nothing is sent: ${stop}\n`);
        for (const record of await listReplies(db))
          io.out(options.json ? `${JSON.stringify(publicView(record))}\n` : describe(record));
      });
      done(EXIT.done);
    });
};
