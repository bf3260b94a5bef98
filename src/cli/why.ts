import type { Step } from "../store/decisions.ts";
import { CliError, EXIT } from "./exit.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

/** `avicbot why`: every decision taken about a message. */
export const configureWhy: ConfigureVerb = (command, io, done) => {
  addConfigOption(command)
    .argument("<message-id>", "id of any message seen: <id>, id, percent-encoded, or a lore URL")
    .option("--json", "print JSON")
    .action(async (text: string, options: ServiceOptions) => {
      await withService(options, async ({ context }) => {
        const { findTrace } = await import("../queue/trace.ts");
        const trace = await findTrace(context.db, text);
        if (trace === null) throw new CliError(`no message ${text} was seen, or it is forgotten by now`);
        if (options.json) return io.out(`${JSON.stringify(trace)}\n`);
        io.out(`<${trace.messageId}>\n`);
        if (trace.lists.length > 0) io.out(`lists: ${trace.lists.join(", ")}\n`);
        for (const step of trace.steps) io.out(line(step));
        if (trace.series === null) return;
        io.out(`\nseries <${trace.series.id}> v${trace.series.version}: ${trace.series.state}\n`);
        for (const step of trace.series.steps) io.out(line(step));
        if (trace.series.closed !== null) io.out(`${trace.series.state}: ${trace.series.closed}\n`);
      });
      done(EXIT.done);
    });
};

const MARKS = { passed: "+", stopped: "-", noted: " " } as const;

function line(step: Step): string {
  return `${step.at} ${MARKS[step.outcome]} ${step.stage}: ${step.rule}: ${step.text}\n`;
}
