/** The benchmarks in the order in which they run; what reckons with others' figures comes last. */
export const NAMES = [
  "stages",
  "first-look",
  "scan",
  "inbox",
  "growth",
  "review",
  "evaluation",
  "queue",
  "notice",
  "reply",
  "ingest",
  "web",
  "redis",
  "soak",
  "capacity",
] as const;
