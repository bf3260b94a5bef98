// The rooms in the order in which the data passes them. A room imports only rooms that stand before it.
const order = [
  "mail",
  "sources",
  "patch",
  "kernel",
  "c",
  "interception",
  "model",
  "review",
  "reply",
  "store",
  "queue",
  "web",
  "cli",
];
// These know nothing of any other room.
const alone = ["c", "model"];

const notLaterRooms = order.map((room, at) => ({
  name: `${room}-imports-only-former-rooms`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: {
    path: alone.includes(room)
      ? `^src/(?!${room}/)[^/]+/`
      : `^src/(${order
          .slice(at + 1)
          .concat("$^")
          .join("|")})/`,
  },
}));

module.exports = {
  forbidden: [
    ...notLaterRooms,
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "nothing-imports-jobs",
      severity: "error",
      from: { path: "^src/(?!queue/|cli/)" },
      to: { path: "^jobs/" },
    },
    {
      name: "no-import-of-tests",
      severity: "error",
      from: { path: "^(src|jobs)/" },
      to: { path: "^(test|bench|scripts)/" },
    },
    {
      name: "no-dev-dependency-at-run-time",
      severity: "error",
      from: { path: "^(src|jobs)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    { name: "not-to-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
  },
};
