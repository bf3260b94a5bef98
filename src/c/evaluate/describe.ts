import { type FieldLayout, layoutOf, sizeOf } from "./layout.ts";
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
  for (const laid of fieldsAround(type, offset)) {
    const inside = offset - laid.offset;
    const fieldSize = sizeOf(laid.field.type) ?? 0;
    if (inside < 0 || inside + size > fieldSize) continue;
    const rest = describeAt(laid.field.type, inside, size);
    return laid.field.name === null ? rest : `.${laid.field.name}${rest}`;
  }
  return bytes(offset, size);
}

/** Fields that may hold the byte. In a struct they stand in their order, so that half of them can be left out at a time. */
function fieldsAround(type: RecordType, offset: number): readonly FieldLayout[] {
  const fields = layoutOf(type)?.fields ?? [];
  if (type.union) return fields;
  let first = 0;
  let end = fields.length;
  while (end - first > 1) {
    const middle = (first + end) >> 1;
    if ((fields[middle]?.offset ?? 0) <= offset) first = middle;
    else end = middle;
  }
  const start = fields[first]?.offset;
  while (first > 0 && fields[first - 1]?.offset === start) first--;
  return fields.slice(first, end);
}

function bytes(offset: number, size: number): string {
  return offset === 0 && size === 0 ? "" : `@${offset}:${size}`;
}
