import { addMoveOptions, moveAction } from "./move.ts";
import type { ConfigureVerb } from "./verb.ts";

/** `avicbot ignore`: gives a series up: its reply is dropped. */
export const configureIgnore: ConfigureVerb = (command, io, done) => {
  addMoveOptions(command).action(moveAction("ignore", io, done));
};
