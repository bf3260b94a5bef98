import { createColors } from "picocolors";
import type { Config } from "../config.ts";
import type { Check } from "../queue/check.ts";
import { EXIT } from "./exit.ts";
import { readConfig } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface DoctorOptions {
  /** `true`: given without a file. */
  readonly config?: string | true;
  readonly json?: boolean;
}

/** `avicbot doctor`: checks what the service needs and says what to mend. */
export const configureDoctor: ConfigureVerb = (command, io, done) => {
  command
    .option(
      "--config [file]",
      "check with these settings; without a file: print the effective ones, secrets masked",
    )
    .option("--json", "print JSON")
    .action(async (options: DoctorOptions) => {
      const config = await readConfig(typeof options.config === "string" ? { config: options.config } : {});
      if (options.config === true) {
        const { maskSecrets } = await import("../config.ts");
        io.out(`${JSON.stringify(maskSecrets(config), null, 2)}\n`);
        return done(EXIT.done);
      }
      const checks = await runChecks(config);
      if (options.json) io.out(`${JSON.stringify(checks)}\n`);
      else for (const check of checks) io.out(lines(check, io.colours));
      done(checks.every((check) => check.ok) ? EXIT.done : EXIT.failed);
    });
};

/** One line for a check, a second for what to mend or to look at. */
function lines({ ok, what, text, mend }: Check, colours: boolean): string {
  const { green, red, bold } = createColors(colours);
  const mark = ok ? green("ok  ") : bold(red("FAIL"));
  const second = mend === undefined ? "" : `     ${ok ? "look at" : "mend"}: ${mend}\n`;
  return `${mark} ${what}: ${text}\n${second}`;
}

async function runChecks(config: Config) {
  const { checkService } = await import("../queue/doctor.ts");
  return checkService(config);
}
