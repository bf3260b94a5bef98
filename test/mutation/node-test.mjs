/** Stands for node:test in a bundle that the runner loads: tests are handed to it instead of being run. */
const names = [];

function add(name, ...rest) {
  const options = rest.length > 1 ? rest[0] : {};
  globalThis.collectTest({
    name: [...names, name].join(": "),
    skip: Boolean(options.skip),
    run: rest.at(-1),
  });
}

export { add as it, add as test };

export function describe(name, body) {
  names.push(name);
  body();
  names.pop();
}
