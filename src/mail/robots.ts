/** The robots of the kernel lists, by their From address. They post diffs and tables that nobody submitted. */

const ROBOTS = new Set([
  "lkp@intel.com",
  "oliver.sang@intel.com",
  "bot@kernelci.org",
  "pr-tracker-bot@kernel.org",
  "sashiko-bot@kernel.org",
  "sashiko@kernel.org",
  "sashiko@linux.dev",
  "tip-bot2@linutronix.de",
  "tipbot@zytor.com",
  "no-reply@patchew.org",
  "ci_notify@linaro.org",
  "noreply@ellerman.id.au",
  "patchwork@lists.ozlabs.org",
  "bugzilla-daemon@kernel.org",
  "cki-project@redhat.com",
]);

/** `syzbot+<hash>@…`, `patchwork-bot+<project>@…` and what has no person behind it by its name. */
const ROBOT_PATTERN =
  /^(?:syzbot(?:\+[^@]*)?@syzkaller\.appspotmail\.com|patchwork-bot(?:\+[^@]*)?@kernel\.org|(?:no-?reply|do-?not-?reply)(?:\+[^@]*)?@.*)$/;

/** Whether mail from this address is a robot's; `more` are further addresses, compared without case. */
export function isRobot(address: string, more: readonly string[] = []): boolean {
  const lower = address.toLowerCase();
  return (
    ROBOTS.has(lower) || ROBOT_PATTERN.test(lower) || more.some((robot) => robot.toLowerCase() === lower)
  );
}
