/** What is worked out once for an object, for as long as the object lives. */
export function memo<K extends WeakKey, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
