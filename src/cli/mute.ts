import type { MuteRecord } from "../store/mutes.ts";
import type { Db } from "../store/record.ts";
import { CliError, EXIT } from "./exit.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

/** Both verbs print what is muted when they are done. */
function configure(verb: "mute" | "unmute"): ConfigureVerb {
  return (command, io, done) => {
    addConfigOption(command)
      .argument("[kind]", "thread or person; without it, list what is muted")
      .argument("[name]", "a Message-ID or lore URL of the thread; the person's address")
      .option("--json", "print JSON, one thread or person a line")
      .action(async (kind: string | undefined, name: string | undefined, options: ServiceOptions) => {
        await withService(options, async ({ context: { db } }) => {
          if (kind !== undefined) await change(db, verb, { kind, name: name ?? "" });
          const { listMutes } = await import("../store/mutes.ts");
          for (const one of await listMutes(db))
            io.out(options.json ? `${JSON.stringify(one)}\n` : describe(one));
        });
        done(EXIT.done);
      });
  };
}

async function change(db: Db, verb: "mute" | "unmute", said: { kind: string; name: string }): Promise<void> {
  const { targetsMeant } = await import("../queue/reply/threads.ts");
  const { mute, unmute } = await import("../store/mutes.ts");
  const [first, ...others] = await targetsMeant(db, said);
  if (first === undefined) throw new CliError("say `thread MESSAGE-ID`, or `person ADDRESS`", EXIT.usage);
  if (verb === "mute") {
    const { userInfo } = await import("node:os");
    return mute(db, first, userInfo().username);
  }
  for (const target of [first, ...others]) await unmute(db, target);
}

function describe({ at, kind, name, by }: MuteRecord): string {
  const shown = kind === "thread" ? `<${name}>` : name;
  return `${at.slice(0, 16)} ${kind} ${shown}, by ${by}\n`;
}

/** `avicbot mute`: no mail into a thread, or about the series of a person. */
export const configureMute = configure("mute");

/** `avicbot unmute`: lifts what was muted, whoever did it. */
export const configureUnmute = configure("unmute");
