/** Sizes, alignments and field offsets by the System V ABI for x86-64, as gcc lays structs out. */
import type { ArrayType, CType, Field, RecordDefinition, RecordType } from "./types.ts";

export interface FieldLayout {
  readonly field: Field;
  /** Bytes from the start of the record; for a bit-field that of its storage unit. */
  readonly offset: number;
  /** Bits from the low end of the storage unit at `offset`; null for an ordinary field. */
  readonly shift: number | null;
}

export interface RecordLayout {
  readonly size: number;
  readonly align: number;
  readonly fields: readonly FieldLayout[];
}

/** The greatest alignment `__attribute__((aligned))` stands for. */
export const MOST_ALIGNED = 16;

const cache = new WeakMap<RecordType, RecordLayout | null>();

/** Size in bytes; null where it depends on a type the tree does not define. */
export function sizeOf(type: CType): number | null {
  switch (type.kind) {
    case "int":
    case "float":
      return type.size;
    case "pointer":
      return 8;
    case "void":
    case "function":
      return 1; // GNU: sizeof(void) is 1
    case "array":
      return arraySize(type);
    case "record":
      return layoutOf(type)?.size ?? null;
    case "dynamic":
      return null;
  }
}

function arraySize(type: ArrayType): number | null {
  const element = sizeOf(type.of);
  return element === null ? null : element * (type.length ?? 0);
}

export function alignOf(type: CType): number | null {
  switch (type.kind) {
    case "int":
    case "float":
      return type.size;
    case "pointer":
      return 8;
    case "void":
    case "function":
      return 1;
    case "array":
      return alignOf(type.of);
    case "record":
      return layoutOf(type)?.align ?? null;
    case "dynamic":
      return null;
  }
}

/** null where a field's type is not defined in the tree, or the record contains itself. */
export function layoutOf(type: RecordType): RecordLayout | null {
  const known = cache.get(type);
  if (known !== undefined) return known;
  cache.set(type, null);
  const definition = type.definition();
  const layout = definition === null ? null : layOut(definition, type.union);
  cache.set(type, layout);
  return layout;
}

interface Progress {
  /** First free bit. */
  bit: number;
  end: number;
  align: number;
  readonly fields: FieldLayout[];
}

function layOut(definition: RecordDefinition, union: boolean): RecordLayout | null {
  const progress: Progress = { bit: 0, end: 0, align: definition.aligned, fields: [] };
  for (const field of definition.fields) {
    const size = sizeOf(field.type);
    const natural = alignOf(field.type);
    if (size === null || natural === null) return null;
    if (union) progress.bit = 0;
    const packed = definition.packed || field.packed;
    const placed = { field, size, align: Math.max(packed ? 1 : natural, field.aligned), packed };
    if (field.bits === null) placeField(progress, placed);
    else placeBits(progress, placed, field.bits);
    progress.end = Math.max(progress.end, Math.ceil(progress.bit / 8));
  }
  return { size: roundUp(progress.end, progress.align), align: progress.align, fields: progress.fields };
}

interface Placed {
  readonly field: Field;
  readonly size: number;
  readonly align: number;
  readonly packed: boolean;
}

function placeField(progress: Progress, { field, size, align }: Placed): void {
  const offset = roundUp(Math.ceil(progress.bit / 8), align);
  progress.fields.push({ field, offset, shift: null });
  progress.bit = (offset + size) * 8;
  progress.align = Math.max(progress.align, align);
}

/** A bit-field goes behind the last one unless it would cross a boundary of its own type. */
function placeBits(progress: Progress, { field, size, align, packed }: Placed, bits: number): void {
  const unit = size * 8;
  if (bits === 0) {
    progress.bit = roundUp(progress.bit, unit);
    return;
  }
  if (field.aligned > 1) progress.bit = roundUp(progress.bit, field.aligned * 8);
  const crosses = Math.floor(progress.bit / unit) !== Math.floor((progress.bit + bits - 1) / unit);
  if (crosses && !packed) progress.bit = roundUp(progress.bit, unit);
  const offset = packed ? Math.floor(progress.bit / 8) : Math.floor(progress.bit / unit) * size;
  progress.fields.push({ field, offset, shift: progress.bit - offset * 8 });
  progress.bit += bits;
  if (field.name !== null) progress.align = Math.max(progress.align, align);
}

export function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

/** A field found by name, through anonymous structs and unions too. */
export interface FoundField {
  readonly field: Field;
  /** From the record's start; null where the layout is not known. */
  readonly offset: number | null;
  readonly shift: number | null;
  /** Anonymous members on the way, outermost first: fields of the enclosing records. */
  readonly through: readonly Field[];
}

const fieldCache = new WeakMap<RecordType, Map<string, FoundField | null>>();

/** Looks a field up; needs no layout unless `offset` is asked of the result. */
export function findField(type: RecordType, name: string): FoundField | null {
  let known = fieldCache.get(type);
  if (known === undefined) fieldCache.set(type, (known = new Map()));
  let found = known.get(name);
  if (found === undefined) known.set(name, (found = search(type, name)));
  return found;
}

function search(type: RecordType, name: string): FoundField | null {
  const fields = type.definition()?.fields ?? [];
  for (const [i, field] of fields.entries()) {
    if (field.name === name) return located(type, i, field);
    if (field.name !== null || field.type.kind !== "record") continue;
    const inner = search(field.type, name);
    if (inner !== null) return inside(located(type, i, field), inner);
  }
  return null;
}

/** The layout is worked out only when somebody asks for the offset: it may need many headers. */
class LocatedField implements FoundField {
  readonly field: Field;
  readonly through: readonly Field[];
  private readonly locate: () => { offset: number | null; shift: number | null };
  private known: { offset: number | null; shift: number | null } | null = null;

  constructor(
    field: Field,
    through: readonly Field[],
    locate: () => { offset: number | null; shift: number | null },
  ) {
    this.field = field;
    this.through = through;
    this.locate = locate;
  }

  get offset(): number | null {
    return (this.known ??= this.locate()).offset;
  }

  get shift(): number | null {
    return (this.known ??= this.locate()).shift;
  }
}

function located(type: RecordType, index: number, field: Field): FoundField {
  return new LocatedField(field, [], () => {
    const wanted = type.definition()?.fields[index];
    const laid = layoutOf(type)?.fields.find((each) => each.field === wanted);
    return { offset: laid?.offset ?? null, shift: laid?.shift ?? null };
  });
}

function inside(outer: FoundField, inner: FoundField): FoundField {
  return new LocatedField(inner.field, [outer.field, ...inner.through], () => {
    const known = outer.offset !== null && inner.offset !== null;
    return { offset: known ? (outer.offset ?? 0) + (inner.offset ?? 0) : null, shift: inner.shift };
  });
}
