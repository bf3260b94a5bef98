/** Options that several verbs share, checked. */
import { Argument, InvalidArgumentError, Option } from "commander";
import type { Profile } from "../model/profile.ts";
import { DEFAULT_PROFILE, findProfile, PROFILES } from "../model/profiles.ts";

const PROFILE_NAMES = PROFILES.map(({ name }) => name);

function profileNamed(name: string): Profile {
  const profile = findProfile(name);
  if (profile === null) throw new InvalidArgumentError(`Allowed choices are ${PROFILE_NAMES.join(", ")}.`);
  return profile;
}

function namesProfile(flags: string, text: string): Option {
  return new Option(flags, text).choices(PROFILE_NAMES).argParser(profileNamed);
}

/** `--profile`; its value is the profile. */
export function profileOption(): Option {
  return namesProfile("--profile <name>", "hardware profile").default(DEFAULT_PROFILE, DEFAULT_PROFILE.name);
}

/** `--diff`: a profile to compare with. */
export function otherProfileOption(): Option {
  return namesProfile("--diff <name>", "only the registers of which this profile says something else");
}

/** The profile as an argument that may be left out. */
export function profileArgument(): Argument {
  return new Argument("[name]", "hardware profile")
    .choices(PROFILE_NAMES)
    .argParser(profileNamed)
    .default(DEFAULT_PROFILE, DEFAULT_PROFILE.name);
}
