import { addMoveOptions, moveAction } from "./move.ts";
import type { ConfigureVerb } from "./verb.ts";

/** `avicbot hold`: keeps a reply back until it is approved. */
export const configureHold: ConfigureVerb = (command, io, done) => {
  addMoveOptions(command).action(moveAction("hold", io, done));
};
