/** Texts by blob id, the least recently used dropped: the same file in two revisions is the same string. */

export interface TextCache {
  /** The text of this id, loaded when it is not kept. A failed load is not kept. */
  get(id: string, load: () => Promise<string>): Promise<string>;
  peek(id: string): Promise<string> | undefined;
}

/** Keeps texts of `maxChars` chars together, and always the last one. */
export function createTextCache(maxChars: number): TextCache {
  const texts = new Map<string, Promise<string>>();
  const sizes = new Map<string, number>();
  let total = 0;

  function drop(id: string): void {
    total -= sizes.get(id) ?? 0;
    sizes.delete(id);
    texts.delete(id);
  }

  function shrink(latest: string): void {
    for (const id of sizes.keys()) {
      if (total <= maxChars) return;
      if (id !== latest) drop(id);
    }
  }

  function touch(id: string): void {
    const size = sizes.get(id);
    if (size === undefined) return;
    sizes.delete(id);
    sizes.set(id, size);
  }

  function add(id: string, load: () => Promise<string>): Promise<string> {
    const text = load();
    texts.set(id, text);
    text.then(
      ({ length }) => {
        sizes.set(id, length);
        total += length;
        shrink(id);
      },
      () => drop(id),
    );
    return text;
  }

  return {
    get: (id, load) => {
      touch(id);
      return texts.get(id) ?? add(id, load);
    },
    peek: (id) => texts.get(id),
  };
}
