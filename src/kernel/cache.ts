/** Values by id, the least recently used dropped: the same blob in two revisions is the same string. */

export interface Cache<T> {
  /** The value of this id, loaded when it is not kept. A failed load is not kept. */
  get(id: string, load: () => Promise<T>): Promise<T>;
  peek(id: string): Promise<T> | undefined;
}

interface Kept<T> {
  readonly values: Map<string, Promise<T>>;
  /** Of what is loaded, the latest used last. */
  readonly weights: Map<string, number>;
  total: number;
}

/** Keeps values of `maxWeight` together, and always the last one. */
export function createCache<T>(maxWeight: number, weigh: (value: T) => number): Cache<T> {
  const kept: Kept<T> = { values: new Map(), weights: new Map(), total: 0 };

  function add(id: string, load: () => Promise<T>): Promise<T> {
    const value = load();
    kept.values.set(id, value);
    value.then(
      (loaded) => settle(kept, id, weigh(loaded), maxWeight),
      () => drop(kept, id),
    );
    return value;
  }

  return {
    get: (id, load) => {
      touch(kept, id);
      return kept.values.get(id) ?? add(id, load);
    },
    peek: (id) => kept.values.get(id),
  };
}

function touch<T>({ weights }: Kept<T>, id: string): void {
  const weight = weights.get(id);
  if (weight === undefined) return;
  weights.delete(id);
  weights.set(id, weight);
}

function drop<T>(kept: Kept<T>, id: string): void {
  kept.total -= kept.weights.get(id) ?? 0;
  kept.weights.delete(id);
  kept.values.delete(id);
}

/** Counts a loaded value and drops the oldest until all fit. */
function settle<T>(kept: Kept<T>, latest: string, weight: number, maxWeight: number): void {
  kept.weights.set(latest, weight);
  kept.total += weight;
  for (const id of kept.weights.keys()) {
    if (kept.total <= maxWeight) return;
    if (id !== latest) drop(kept, id);
  }
}
