/** The hardware profiles by name. */
import { apm } from "./apm.ts";
import type { Profile } from "./profile.ts";
import { zen4 } from "./zen4.ts";

export const PROFILES: readonly Profile[] = [zen4, apm];

export const DEFAULT_PROFILE: Profile = zen4;

/** The profile of that name, or null when there is none. */
export function findProfile(name: string): Profile | null {
  return PROFILES.find((profile) => profile.name === name) ?? null;
}
