/** What the help and the manual page say beside the verbs and their options. */

export const DESCRIPTION: readonly string[] = [
  "avicbot reads patch series as mail, evaluates the kernel's own C before and after every patch, and shows " +
    "what each RDMSR and WRMSR of an x2APIC MSR led to before and leads to now, as a table. Nothing of a patch " +
    "is compiled or run. What cannot be determined is undetermined, with the line that is to blame; it is never " +
    "guessed.",
  "The kernel is the one that --git or --tree names, else AVICBOT_KERNEL_GIT or AVICBOT_KERNEL_TREE, else the " +
    "kernel that the command is started in.",
];

export const EXIT_CODES: readonly { readonly code: number; readonly text: string }[] = [
  { code: 0, text: "done" },
  { code: 1, text: "failed" },
  { code: 2, text: "usage" },
  { code: 3, text: "undetermined" },
];

export const ENVIRONMENT: readonly { readonly name: string; readonly text: string }[] = [
  {
    name: "AVICBOT_KERNEL_GIT, AVICBOT_KERNEL_TREE",
    text: "Kernel source where --git and --tree are not given.",
  },
  { name: "AVICBOT_CONFIG", text: "Settings of the service where --config is not given." },
  {
    name: "AVICBOT_...",
    text: "Any setting: kernel.branches is AVICBOT_KERNEL_BRANCHES. Goes before the file.",
  },
  { name: "NO_COLOR, FORCE_COLOR", text: "No colours; colours also when the output is no terminal." },
];

export const FILES: readonly { readonly name: string; readonly text: string }[] = [
  { name: "/etc/avicbot.json", text: "Settings of the service, by convention; named by --config." },
];

export const EXAMPLES: readonly { readonly command: string; readonly text: string }[] = [
  { command: "b4 mbox -o- MESSAGE-ID | avicbot review --git ~/linux -", text: "A series on the list:" },
  {
    command: "git format-patch --stdout origin/master.. | avicbot review -",
    text: "Your own, before it is sent:",
  },
  { command: "avicbot compare v6.12 v7.2 --git ~/linux", text: "Two kernels, for a backport:" },
  { command: "avicbot explain series.mbox 0x830 write --git ~/linux", text: "Why a cell is what it is:" },
  { command: "avicbot demo", text: "The whole service on this machine, on a sample list:" },
];
