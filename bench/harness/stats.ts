/** Few numbers instead of many. */

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that so large a share (0 to 1) of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function least(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.min(...values);
}

export function most(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.max(...values);
}

/** Round by round, what of a round shares its machine; where there are fewer of one kind, as many as there are. */
export function ratios(of: readonly number[], to: readonly number[]): number[] {
  return Array.from(
    { length: Math.min(of.length, to.length) },
    (_, at) => (of[at] ?? Number.NaN) / (to[at] ?? Number.NaN),
  );
}

/** Exponent of the cost in the size: 1 is linear (slope of the least squares on logarithms). */
export function exponent(points: readonly (readonly [size: number, cost: number])[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const);
  const mean = (at: 0 | 1) => logs.reduce((sum, one) => sum + one[at], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const above = logs.reduce((sum, one) => sum + (one[0] - x) * (one[1] - y), 0);
  return above / logs.reduce((sum, one) => sum + (one[0] - x) ** 2, 0);
}

/** For people: three digits, no exponent. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "unknown";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return Number(value.toPrecision(3)).toString();
}
