/** Fields of structs from outside by a path such as `vcpu.arch.apic`, for those who set the scene. */
import { load, store } from "./access.ts";
import type { Ref, Runtime } from "./context.ts";
import { convert } from "./convert.ts";
import { memberRef } from "./members.ts";
import { dynamic, UNSIGNED_LONG_LONG } from "./types.ts";
import { NOWHERE, Pointer, type Value } from "./value.ts";

/** The field's value; its address where it is a struct. */
export function readPath(machine: Runtime, base: Value, path: string): Value {
  const ref = refOfPath(machine, base, path);
  if (ref instanceof Pointer && ref.object.kind === "bytes") {
    return load(machine, ref, ref.object.type ?? UNSIGNED_LONG_LONG, NOWHERE);
  }
  if (!(ref instanceof Pointer) || ref.object.kind !== "fields") return ref;
  const { object } = ref;
  if (object.value !== null) return object.value;
  return object.touched || object.type.kind === "record" ? ref : object.read(NOWHERE);
}

/** Plain numbers take the field's type where that is known. */
export function writePath(machine: Runtime, base: Value, path: string, value: Value): void {
  const ref = refOfPath(machine, base, path);
  if (!(ref instanceof Pointer)) return;
  const known = ref.object.type?.kind === "record" ? null : ref.object.type;
  const type = known ?? dynamic(path);
  store(machine, ref, type, convert(value, dynamic(path), type, NOWHERE), NOWHERE);
}

/** Where the field lies. */
export function refOfPath(machine: Runtime, base: Value, path: string): Ref {
  let ref = machine.deref(base, dynamic(path), NOWHERE);
  for (const name of namesOf(path)) {
    const through = ref instanceof Pointer ? stepInto(machine, ref) : ref;
    const type = through instanceof Pointer ? through.object.type : null;
    ref = memberRef(machine, through, type ?? dynamic(path), name, NOWHERE);
  }
  return ref;
}

/** A field that holds a pointer is followed. */
function stepInto(machine: Runtime, ref: Pointer): Ref {
  const { object } = ref;
  if (object.kind === "fields") return object.value instanceof Pointer ? object.value : ref;
  if (object.type?.kind !== "pointer") return ref;
  return machine.deref(load(machine, ref, object.type, NOWHERE), object.type.to, NOWHERE);
}

const paths = new Map<string, readonly string[]>();

/** The names of a path; the same few paths are asked again and again. */
function namesOf(path: string): readonly string[] {
  let names = paths.get(path);
  if (names === undefined) paths.set(path, (names = path.split(".")));
  return names;
}
