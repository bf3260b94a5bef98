/**
 * What is known of one Program: its types, objects and compiled functions, each worked out once and
 * shared by all machines that run on it. Syntax trees are shared even between Programs that hand out
 * the same tokens.
 */
import type { Declaration, Expression, FunctionNode, Place, Statement, TypeNode } from "../parse/ast.ts";
import {
  type Callable,
  type CompilerRules,
  Context,
  type Entry,
  type EnumValues,
  type FoundFunction,
  type ObjectPlan,
  type Plan,
  type SpaceView,
} from "./context.ts";
import { type Parsed, parseDeclaration, parseFunction } from "../parse/parser.ts";
import type { Program } from "../program.ts";
import { enumValues } from "./resolve.ts";
import type { Definition } from "../source.ts";
import { findEnum, findTagged } from "./tagged-nodes.ts";
import {
  CHAR_SIGNED,
  CHAR_UNSIGNED,
  type CType,
  dynamic,
  type IntType,
  type RecordType,
  VOID,
} from "./types.ts";
import type { Thing } from "./value.ts";

/** What tokens were last parsed to, and the typedefs of the unit's own text that they were parsed under. */
type Trees<V> = WeakMap<readonly unknown[], { readonly typedefs: string; readonly tree: V }>;

const functionTrees: Trees<Parsed<FunctionNode>> = new WeakMap();
const declarationTrees: Trees<Parsed<readonly Statement[]>> = new WeakMap();

export class Space implements SpaceView {
  readonly program: Program;
  readonly rules: CompilerRules;
  readonly charSigned: boolean;
  readonly charType: IntType;
  readonly nodeTypes = new WeakMap<TypeNode, CType>();
  readonly enums = new WeakMap<TypeNode, EnumValues>();
  /** Compiled functions, keyed as `functions`; owned by the compiler. */
  readonly compiled = new Map<FoundFunction, Callable>();
  /** Const objects, alike for every machine. */
  readonly constants = new Map<ObjectPlan, Thing>();
  /** Steps that all machines have taken. */
  steps = 0;
  onBranch: ((place: Place, taken: string) => void) | null = null;
  private readonly functions = new Map<string, FoundFunction | null>();
  private readonly objects = new Map<string, ObjectPlan | null>();
  private readonly plans = new Map<string, ObjectPlan | null>();
  private readonly typedefs = new Map<string, CType>();
  private readonly records = new Map<string, RecordType>();
  private readonly enumTypes = new Map<string, CType>();
  private readonly enumerators = new Map<string, Entry | null>();

  constructor(program: Program, rules: CompilerRules, charSigned: boolean) {
    this.program = program;
    this.rules = rules;
    this.charSigned = charSigned;
    this.charType = charSigned ? CHAR_SIGNED : CHAR_UNSIGNED;
  }

  isTypedef(name: string, unit: string): boolean {
    return this.program.findTypedef(name, unit) !== null;
  }

  /** Does the expression name an object (so that its type does not decay)? */
  isTargetNode(node: Expression): boolean {
    switch (node.kind) {
      case "name":
      case "member":
      case "index":
      case "compound":
      case "string":
        return true;
      case "unary":
        return node.operator === "*";
      default:
        return false;
    }
  }

  /** A context at file scope, for declarations found there. */
  fileContext(unit: string, returns: CType = VOID): Context {
    const plan: Plan = { slots: 0, addressed: new Set(), returns };
    return new Context(this, unit, plan);
  }

  functionContext(unit: string, returns: CType, addressed: ReadonlySet<string>): Context {
    return new Context(this, unit, { slots: 0, addressed, returns });
  }

  function(name: string, unit: string): FoundFunction | null {
    return memo(this.functions, `${unit}\0${name}`, () => {
      const definition = this.program.findFunction(name, unit);
      return definition === null ? null : this.functionOf(definition);
    });
  }

  definesFunction(name: string, unit: string): boolean {
    return this.program.definesFunction(name, unit);
  }

  private functionOf(definition: Definition): FoundFunction {
    const { problem } = definition;
    const place: Place = { file: definition.file, line: definition.line };
    if (problem !== null) {
      return { definition, node: null, type: dynamic(definition.name), reason: problem.text, place: problem };
    }
    if (!definition.isComplete) return this.prototypeOf(definition, place);
    const parsed = this.tree(functionTrees, definition, () =>
      parseFunction(definition.tokens, (name) => this.isTypedef(name, definition.unit)),
    );
    if (!parsed.ok) {
      return {
        definition,
        node: null,
        type: dynamic(definition.name),
        reason: parsed.reason,
        place: parsed.place,
      };
    }
    const type = this.rules.type(this.fileContext(definition.unit), parsed.node.type);
    return { definition, node: parsed.node, type, reason: null, place };
  }

  private prototypeOf(definition: Definition, place: Place): FoundFunction {
    const found = this.declarationIn(definition);
    const cx = this.fileContext(definition.unit);
    const type = found === null ? dynamic(definition.name) : this.rules.type(cx, found.type);
    return { definition, node: null, type, reason: null, place };
  }

  private declarations(definition: Definition): readonly Statement[] {
    const parsed = this.parsed(definition);
    return parsed.ok ? parsed.node : [];
  }

  private parsed(definition: Definition): Parsed<readonly Statement[]> {
    return this.tree(declarationTrees, definition, () =>
      parseDeclaration(definition.tokens, (name) => this.isTypedef(name, definition.unit)),
    );
  }

  private tree<V>(trees: Trees<V>, { tokens, unit }: Definition, parse: () => V): V {
    const typedefs = this.program.ownTypedefs(unit);
    const known = trees.get(tokens);
    if (known?.typedefs === typedefs) return known.tree;
    const tree = parse();
    trees.set(tokens, { typedefs, tree });
    return tree;
  }

  private declarationIn(definition: Definition): Declaration | null {
    for (const node of this.declarations(definition)) {
      if (node.kind === "declaration" && node.name === definition.name) return node;
    }
    return null;
  }

  /** A variable at file scope; one plan for it, from whatever unit it is seen. */
  object(name: string, unit: string): ObjectPlan | null {
    return memo(this.objects, `${unit}\0${name}`, () => {
      const definition = this.program.findObject(name, unit);
      if (definition === null) return null;
      const key = `${definition.file}\0${definition.line}\0${name}`;
      return memo(this.plans, key, () => this.planOf(definition));
    });
  }

  private planOf(definition: Definition): ObjectPlan | null {
    if (definition.problem !== null) return this.unreadable(definition, definition.problem.text);
    const parsed = this.parsed(definition);
    if (!parsed.ok && definition.isComplete) return this.unreadable(definition, parsed.reason);
    const node = this.declarationIn(definition);
    if (node === null) return null;
    const cx = this.fileContext(definition.unit);
    return objectPlan(cx, node, definition.isComplete);
  }

  private unreadable(definition: Definition, flaw: string): ObjectPlan {
    const { name, unit, file, line } = definition;
    const type = dynamic(name);
    return {
      name,
      type: () => type,
      isConst: false,
      defined: true,
      initializer: null,
      context: this.fileContext(unit),
      place: { file, line },
      flaw,
    };
  }

  typedef(name: string, unit: string): CType {
    return memo(this.typedefs, `${unit}\0${name}`, () => {
      const definition = this.program.findTypedef(name, unit);
      this.typedefs.set(`${unit}\0${name}`, dynamic(name)); // a typedef that leads to itself
      const node = definition === null ? null : this.declarationIn(definition);
      if (definition === null || node === null) return dynamic(name);
      return this.rules.type(this.fileContext(definition.unit), node.type);
    });
  }

  /** `struct tag` at file scope; its fields are looked for when they are asked for. */
  record(word: "struct" | "union", tag: string, unit: string): RecordType {
    const definition = this.program.findTag(word, tag, unit);
    const where = definition?.isComplete ? `${definition.file}\0${definition.line}` : "";
    return memo(this.records, `${where}\0${word} ${tag}`, () => {
      let found: RecordType | null | undefined;
      return {
        kind: "record",
        union: word === "union",
        name: `${word} ${tag}`,
        definition: () => {
          found ??= definition?.isComplete ? this.taggedRecord(definition, word, tag) : null;
          return found?.definition() ?? null;
        },
      };
    });
  }

  private taggedRecord(definition: Definition, word: string, tag: string): RecordType | null {
    for (const node of this.typeNodes(definition)) {
      const found = findTagged(node, tag, word);
      if (found === null) continue;
      const type = this.rules.type(this.fileContext(definition.unit), found);
      return type.kind === "record" ? type : null;
    }
    return null;
  }

  private typeNodes(definition: Definition): TypeNode[] {
    return this.declarations(definition).flatMap((node) =>
      node.kind === "declaration" || node.kind === "tag" ? [node.type] : [],
    );
  }

  enumeration(tag: string, unit: string): CType {
    return memo(this.enumTypes, `${unit}\0${tag}`, () => {
      const definition = this.program.findTag("enum", tag, unit);
      for (const node of definition === null ? [] : this.typeNodes(definition)) {
        const found = findTagged(node, tag, "enum");
        if (found !== null) return this.rules.type(this.fileContext(definition?.unit ?? unit), found);
      }
      return dynamic(`enum ${tag}`);
    });
  }

  enumerator(name: string, unit: string): Entry | null {
    return memo(this.enumerators, `${unit}\0${name}`, () => {
      const definition = this.program.findEnumerator(name, unit);
      for (const node of definition === null ? [] : this.typeNodes(definition)) {
        const found = findEnum(node, name);
        if (found === null) continue;
        const value = enumValues(this.fileContext(definition?.unit ?? unit), found).values.get(name);
        if (value !== undefined) return { kind: "enumerator", ...value };
      }
      return null;
    });
  }
}

/** The plan of a declared object; arrays get their length from the initialiser. */
export function objectPlan(cx: Context, node: Declaration, defined: boolean): ObjectPlan {
  let type: CType | null = null;
  return {
    name: node.name,
    type: () => (type ??= cx.rules.completeArray(cx, cx.rules.type(cx, node.type), node.initializer)),
    isConst: node.isConst,
    defined: defined || node.initializer !== null,
    initializer: node.initializer,
    context: cx,
    place: node.place,
    flaw: null,
  };
}

function memo<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
