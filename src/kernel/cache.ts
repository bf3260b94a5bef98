/** Values by id, the least recently used dropped: the same blob in two revisions is the same string. */

export interface Cache<T> {
  /** The value of this id, loaded when it is not kept. A failed load is not kept. */
  get(id: string, load: () => Promise<T>): Promise<T>;
  peek(id: string): Promise<T> | undefined;
}

/** Keeps values of `maxWeight` together, and always the last one. */
export function createCache<T>(maxWeight: number, weigh: (value: T) => number): Cache<T> {
  const values = new Map<string, Promise<T>>();
  /** Of what is loaded, the latest used last. */
  const weights = new Map<string, number>();
  let total = 0;

  function drop(id: string): void {
    total -= weights.get(id) ?? 0;
    weights.delete(id);
    values.delete(id);
  }

  function shrink(latest: string): void {
    for (const id of weights.keys()) {
      if (total <= maxWeight) return;
      if (id !== latest) drop(id);
    }
  }

  function touch(id: string): void {
    const weight = weights.get(id);
    if (weight === undefined) return;
    weights.delete(id);
    weights.set(id, weight);
  }

  function settle(id: string, value: T): void {
    const weight = weigh(value);
    weights.set(id, weight);
    total += weight;
    shrink(id);
  }

  function add(id: string, load: () => Promise<T>): Promise<T> {
    const value = load();
    values.set(id, value);
    value.then(
      (loaded) => settle(id, loaded),
      () => drop(id),
    );
    return value;
  }

  return {
    get: (id, load) => {
      touch(id);
      return values.get(id) ?? add(id, load);
    },
    peek: (id) => values.get(id),
  };
}
