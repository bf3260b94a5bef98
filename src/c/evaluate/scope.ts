/** The names that a function has declared so far: code compiled late sees what stood before it, and nothing else. */

/** Shorter stretches are looked through name by name. */
const SHORTEST = 16;

/**
 * A chain that grows by one name a declaration. With thousands of names it must not be walked from end to end for
 * each of them: as in a Fenwick tree, every 16th link knows the names of the 16 up to it, every 32nd those of 32.
 */
export class Scope<T> {
  private readonly depth: number;
  private readonly name: string;
  private readonly entry: T;
  /** The last link that `names`, or this link alone, says nothing of. */
  private readonly before: Scope<T> | null;
  private readonly names: ReadonlyMap<string, T> | null;

  constructor(parent: Scope<T> | null, name: string, entry: T) {
    this.depth = (parent?.depth ?? 0) + 1;
    this.name = name;
    this.entry = entry;
    const length = this.depth & -this.depth;
    if (length < SHORTEST) {
      this.before = parent;
      this.names = null;
      return;
    }
    const names = new Map([[name, entry]]);
    let at = parent;
    for (; at !== null && at.depth > this.depth - length; at = at.before) at.addTo(names);
    this.before = at;
    this.names = names;
  }

  /** What the name stands for; null if it is not declared here. */
  find(name: string): T | null {
    const own = this.own(name);
    if (own !== undefined) return own;
    for (let at = this.before; at !== null; at = at.before) {
      const found = at.own(name);
      if (found !== undefined) return found;
    }
    return null;
  }

  private own(name: string): T | undefined {
    if (this.names !== null) return this.names.get(name);
    return this.name === name ? this.entry : undefined;
  }

  /** Names declared later hide these. */
  private addTo(names: Map<string, T>): void {
    for (const [name, entry] of this.names ?? [[this.name, this.entry] as const])
      if (!names.has(name)) names.set(name, entry);
  }
}
