import { addMoveOptions, moveAction } from "./move.ts";
import type { ConfigureVerb } from "./verb.ts";

/** `avicbot approve`: lets a held reply go out; what may never be sent is refused. */
export const configureApprove: ConfigureVerb = (command, io, done) => {
  addMoveOptions(command).action(moveAction("approve", io, done));
};
