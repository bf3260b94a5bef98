/** Options that several verbs share, checked. */
import { DEFAULT_PROFILE, findProfile, PROFILES } from "../model/profiles.ts";
import type { Profile } from "../model/profile.ts";
import { CliError, EXIT } from "./exit.ts";

export const PROFILE_NAMES = PROFILES.map(({ name }) => name).join(", ");

/** The hardware profile of that name; a name that is none ends the verb as a usage error. */
export function profileOption(name: string = DEFAULT_PROFILE.name): Profile {
  const profile = findProfile(name);
  if (profile === null) throw new CliError(`no profile '${name}': there are ${PROFILE_NAMES}`, EXIT.usage);
  return profile;
}
