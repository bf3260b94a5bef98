import type { Profile } from "../model/profile.ts";
import { profileDiff, profileReport } from "../model/profile-report.ts";
import { renderProfile, renderProfileDiff } from "../reply/profile.ts";
import { EXIT } from "./exit.ts";
import { otherProfileOption, profileArgument } from "./options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface ProfileOptions {
  readonly diff?: Profile;
  readonly json?: boolean;
}

/** `avicbot profile`: what hardware does with accesses that are passed through, and who says so. */
export const configureProfile: ConfigureVerb = (command, io, done) => {
  command
    .addArgument(profileArgument())
    .addOption(otherProfileOption())
    .option("--json", "print JSON")
    .action((profile: Profile, options: ProfileOptions) => {
      const other = options.diff ?? null;
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
