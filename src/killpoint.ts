/**
 * Named boundaries at which a test kills the process as `kill -9` would: `AVIC_KILL_AT=seen:3` dies at
 * the third pass of `seen`. No handler runs, nothing is flushed. `seen:3:SIGTERM` asks it to end there instead.
 * Without the variable this does nothing.
 */
export type KillPoint =
  | "fetched"
  | "seen"
  | "enqueued"
  | "positioned"
  | "ordered"
  | "acting"
  | "acted"
  | "evaluating"
  | "analysed"
  | "reviewed"
  | "composed"
  | "intent"
  | "sending"
  | "accepted"
  | "acked"
  | "echoed";

const wanted = /^(?<point>[a-z-]+):(?<pass>[0-9]+)(?::(?<signal>SIGTERM))?$/.exec(
  process.env["AVIC_KILL_AT"] ?? "",
)?.groups;
let left = Number(wanted?.["pass"] ?? 0);

/** Marks a step between two durable states. */
export function boundary(point: KillPoint): void {
  if (wanted === undefined || wanted["point"] !== point) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, wanted["signal"] ?? "SIGKILL");
}
