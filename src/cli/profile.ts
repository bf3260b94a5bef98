import { profileDiff, profileReport } from "../model/profile-report.ts";
import { DEFAULT_PROFILE } from "../model/profiles.ts";
import { renderProfile, renderProfileDiff } from "../reply/profile.ts";
import { EXIT } from "./exit.ts";
import { profileOption, PROFILE_NAMES } from "./options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface ProfileOptions {
  readonly diff?: string;
  readonly json?: boolean;
}

/** `avicbot profile`: what hardware does with accesses that are passed through, and who says so. */
export const configureProfile: ConfigureVerb = (command, io, done) => {
  command
    .argument("[name]", `one of ${PROFILE_NAMES}`, DEFAULT_PROFILE.name)
    .option("--diff <other>", "only the registers of which the other profile says something else")
    .option("--json", "print JSON")
    .action((name: string, options: ProfileOptions) => {
      const profile = profileOption(name);
      const other = options.diff === undefined ? null : profileOption(options.diff);
      const show = <T>(data: T, render: (data: T) => string) =>
        options.json ? `${JSON.stringify(data, null, 2)}\n` : render(data);
      io.out(
        other === null
          ? show(profileReport(profile), renderProfile)
          : show(profileDiff(profile, other), renderProfileDiff),
      );
      done(EXIT.done);
    });
};
