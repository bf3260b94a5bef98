/**
 * Initialisers (C11 6.7.9 with GNU ranges), compiled to a list of writes. What they do not name stays
 * as the object's background: zero.
 */
import type {
  Designator,
  Expression,
  Initializer,
  InitializerItem,
  InitializerList,
  Place,
} from "../parse/ast.ts";
import type { Activation, Context } from "./context.ts";
import { findField } from "./layout.ts";
import { stringLiteral } from "./literals.ts";
import { converted } from "./operands.ts";
import { constantInteger } from "./resolve.ts";
import { type ArrayType, type CType, type Field, type RecordType, typeText } from "./types.ts";
import { Pointer, StopSignal } from "./value.ts";
import { weightOf } from "./weight.ts";
import { perform, type Step, type Write } from "./writes.ts";
/** The items of one pair of braces, and how far they are used up. */
interface Items {
  readonly list: readonly InitializerItem[];
  next: number;
  /** Designators of the current item that enclosing levels have followed already. */
  followed: number;
}

class Walk {
  readonly cx: Context;
  readonly writes: Write[] = [];
  /** Elements of the outermost array. */
  length = 0;

  constructor(cx: Context) {
    this.cx = cx;
  }
}

/** Code that writes the initialiser into an object of the type. */
export function initialise(
  cx: Context,
  type: CType,
  initializer: Initializer,
): (frame: Activation, to: Pointer) => void {
  const walk = new Walk(cx);
  startWalk(walk, type, initializer);
  const { writes } = walk;
  return (frame, to) => {
    for (const write of writes) perform(frame, to, write, 0);
  };
}

/** `int a[] = {…}`: the array's length is that of its initialiser. */
export function completeArray(cx: Context, type: CType, initializer: Initializer | null): CType {
  if (type.kind !== "array" || type.length !== null || initializer === null) return type;
  const walk = new Walk(cx);
  startWalk(walk, type, initializer);
  return { ...type, length: walk.length };
}

function startWalk(walk: Walk, type: CType, initializer: Initializer): void {
  const items: Items = { list: [{ designators: [], value: initializer }], next: 0, followed: 0 };
  placeItem(walk, type, items, []);
}

/** Uses one item (or, braces left out, as many as fit) for an object of the type. */
function placeItem(walk: Walk, type: CType, items: Items, path: readonly Step[]): void {
  const item = items.list[items.next];
  if (item === undefined) return;
  const { value } = item;
  if (value.kind === "list") {
    bracedItem(walk, type, value, path);
    used(items);
  } else if (type.kind === "array" && value.kind === "string" && isText(type)) {
    placeString(walk, type, stringLiteral(value.parts), path, value.place);
    used(items);
  } else if (type.kind === "array" || (type.kind === "record" && !isWhole(walk, type, value))) {
    fillAggregate(walk, type, items, path, { braced: false, holder: null });
  } else {
    placeValue(walk, type, value, path);
    used(items);
  }
}

function used(items: Items): void {
  items.next++;
  items.followed = 0;
}

function isText(type: ArrayType): boolean {
  return type.of.kind === "int" && type.of.size === 1;
}

/** An expression that is a struct itself, not the value of its first member. */
function isWhole(walk: Walk, type: RecordType, value: Expression): boolean {
  if (value.kind === "number" || value.kind === "string") return false;
  const own = walk.cx.rules.value(walk.cx, value).type;
  return own.kind === "dynamic" || (own.kind === "record" && own.name === type.name);
}

function placeValue(walk: Walk, type: CType, value: Expression, path: readonly Step[]): void {
  const operand = walk.cx.rules.value(walk.cx, value);
  const code = type.kind === "record" ? operand.run : converted(operand, type, value.place);
  walk.writes.push({ path, type, code, weight: weightOf([value]), place: value.place });
}

function placeString(
  walk: Walk,
  type: ArrayType,
  bytes: Uint8Array,
  path: readonly Step[],
  place: Place,
): void {
  const length = type.length ?? bytes.length;
  for (const [i, byte] of bytes.slice(0, length).entries()) {
    const value = byte;
    const step: Step = { kind: "index", of: type.of, first: i, last: i };
    walk.writes.push({ path: [...path, step], type: type.of, code: () => value, weight: 0, place });
  }
  if (path.length === 0) walk.length = length;
}

function bracedItem(walk: Walk, type: CType, list: InitializerList, path: readonly Step[]): void {
  const inner: Items = { list: list.items, next: 0, followed: 0 };
  const first = list.items[0]?.value;
  if (type.kind === "array" && first?.kind === "string" && isText(type)) {
    placeItem(walk, type, inner, path);
  } else if (type.kind === "array" || type.kind === "record") {
    fillAggregate(walk, type, inner, path, { braced: true, holder: null });
  } else if (first !== undefined) {
    placeItem(walk, type, inner, path);
  } else if (type.kind === "dynamic") {
    throw new StopSignal(
      "missing-type",
      `an initialiser for ${typeText(type)}, which is not defined`,
      list.place,
    );
  }
}

interface Level {
  /** Between braces of its own: takes designators, and all items. */
  readonly braced: boolean;
  /** The named record that an anonymous one belongs to: its fields are reached through it. */
  readonly holder: RecordType | null;
}

/** Where the next item goes, and whether there is such a place. */
interface Position {
  readonly first: number;
  readonly last: number;
}

function fillAggregate(
  walk: Walk,
  type: ArrayType | RecordType,
  items: Items,
  path: readonly Step[],
  level: Level,
): void {
  let next = 0;
  let highest = 0;
  let first = true;
  for (; items.next < items.list.length; first = false) {
    const item = items.list[items.next];
    const designator = item?.designators[items.followed];
    if (designator !== undefined && !level.braced && !(first && items.followed > 0)) return;
    const at = designator === undefined ? { first: next, last: next } : designated(walk, type, designator);
    if (at === null || !exists(type, at)) {
      if (level.braced) used(items);
      if (level.braced && designator !== undefined) unknownDesignator(type, designator, item?.value.place);
      if (level.braced) continue;
      return;
    }
    const again = designator !== undefined && at.first < highest;
    fillPosition(walk, type, at, items, { path, level, designator, again });
    next = at.last + 1;
    highest = Math.max(highest, next);
    if (path.length === 0 && type.kind === "array") walk.length = Math.max(walk.length, next);
    if (type.kind === "record" && type.union && designator === undefined && !level.braced) return;
  }
}

function unknownDesignator(type: CType, designator: Designator, place: Place | undefined): void {
  const name = designator.kind === "field" ? `.${designator.name}` : "[…]";
  throw new StopSignal("missing-type", `${typeText(type)} has no ${name}`, place ?? { file: "", line: 0 });
}

function exists(type: ArrayType | RecordType, at: Position): boolean {
  if (type.kind === "array") return type.length === null || at.last < type.length;
  return at.first < (type.union && at.first > 0 && !isNamedPosition(type, at) ? 1 : positions(type).length);
}

/** A union takes one item without designator; named members stand anywhere. */
function isNamedPosition(type: RecordType, at: Position): boolean {
  return at.first < positions(type).length;
}

/** Fields that take part in initialisation. */
function positions(type: RecordType): readonly Field[] {
  return (type.definition()?.fields ?? []).filter(
    (field) => field.name !== null || field.type.kind === "record",
  );
}

function designated(walk: Walk, type: ArrayType | RecordType, designator: Designator): Position | null {
  if (designator.kind === "field") {
    if (type.kind !== "record") return null;
    const at = positions(type).findIndex((field) => holds(field, designator.name));
    return at < 0 ? null : { first: at, last: at };
  }
  const first = Number(constantInteger(walk.cx, designator.first, "an index"));
  const last =
    designator.last === null ? first : Number(constantInteger(walk.cx, designator.last, "an index"));
  return type.kind === "array" && first >= 0 && last >= first ? { first, last } : null;
}

function holds(field: Field, name: string): boolean {
  if (field.name !== null) return field.name === name;
  return field.type.kind === "record" && findField(field.type, name) !== null;
}

interface Filling {
  readonly path: readonly Step[];
  readonly level: Level;
  readonly designator: Designator | undefined;
  /** The piece was initialised before: what was written is void. */
  readonly again: boolean;
}

function fillPosition(
  walk: Walk,
  type: ArrayType | RecordType,
  at: Position,
  items: Items,
  filling: Filling,
): void {
  const { path, level, designator } = filling;
  if (type.kind === "array") {
    const step: Step = { kind: "index", of: type.of, ...at };
    if (designator !== undefined) items.followed++;
    fillPiece(walk, type.of, items, [...path, step], filling);
    return;
  }
  const field = positions(type)[at.first];
  const holder = level.holder ?? type;
  if (field === undefined) return;
  if (field.name === null && field.type.kind === "record") {
    fillAnonymous(walk, field.type, items, filling, holder);
    return;
  }
  if (designator !== undefined) items.followed++;
  const step: Step = { kind: "field", record: holder, name: field.name ?? "" };
  fillPiece(walk, field.type, items, [...path, step], filling);
}

/** An anonymous member has no step of its own; its fields are named through the record around it. */
function fillAnonymous(
  walk: Walk,
  type: RecordType,
  items: Items,
  filling: Filling,
  holder: RecordType,
): void {
  const item = items.list[items.next];
  const { path, designator } = filling;
  if (designator === undefined && item?.value.kind === "list") {
    const inner: Items = { list: item.value.items, next: 0, followed: 0 };
    fillAggregate(walk, type, inner, path, { braced: true, holder });
    used(items);
    return;
  }
  if (designator === undefined || designator.kind !== "field") {
    fillAggregate(walk, type, items, path, { braced: false, holder });
    return;
  }
  const at = designated(walk, type, designator);
  if (at !== null) fillPosition(walk, type, at, items, { ...filling, level: { braced: false, holder } });
}

/** What stands behind the designators followed so far. */
function fillPiece(walk: Walk, type: CType, items: Items, path: readonly Step[], { again }: Filling): void {
  const item = items.list[items.next];
  const more = (item?.designators.length ?? 0) > items.followed && items.followed > 0;
  const aggregate = type.kind === "array" || type.kind === "record";
  if (more && aggregate) {
    fillAggregate(walk, type, items, path, { braced: false, holder: null });
    return;
  }
  if (again && aggregate && item !== undefined)
    walk.writes.push({ path, type, code: null, weight: 0, place: item.value.place });
  placeItem(walk, type, items, path);
}
