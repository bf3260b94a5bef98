import { layoutOf, sizeOf } from "./layout.ts";
import type { ArrayType, CType, RecordType } from "./types.ts";

/** Names a piece of an object in C's words: `.control[3].low`; by bytes where nothing fits. */
export function describeAt(type: CType | null, offset: number, size: number): string {
  if (type === null) return bytes(offset, size);
  switch (type.kind) {
    case "array":
      return describeElement(type, offset, size);
    case "record":
      return describeField(type, offset, size);
    default:
      return offset === 0 && sizeOf(type) === size ? "" : bytes(offset, size);
  }
}

function describeElement(type: ArrayType, offset: number, size: number): string {
  const element = sizeOf(type.of);
  if (element === null || element === 0) return bytes(offset, size);
  const index = Math.floor(offset / element);
  return `[${index}]${describeAt(type.of, offset - index * element, size)}`;
}

function describeField(type: RecordType, offset: number, size: number): string {
  for (const laid of layoutOf(type)?.fields ?? []) {
    const inside = offset - laid.offset;
    const fieldSize = sizeOf(laid.field.type) ?? 0;
    if (inside < 0 || inside + size > fieldSize) continue;
    const rest = describeAt(laid.field.type, inside, size);
    return laid.field.name === null ? rest : `.${laid.field.name}${rest}`;
  }
  return bytes(offset, size);
}

function bytes(offset: number, size: number): string {
  return offset === 0 && size === 0 ? "" : `@${offset}:${size}`;
}
