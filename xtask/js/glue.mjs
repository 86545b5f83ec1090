// wasm-bindgen's glue, some of its parts replaced by ours.

/** @typedef {import("./syntax.d.ts").Program} Program */
/** @typedef {import("./syntax.d.ts").Statement} Statement */
/** @typedef {import("./syntax.d.ts").Span} Span */

/** Names at the top level that go. What is left of them comes from pkg-template/text.js. */
const OURS = ["decodeText", "cachedTextEncoder"];
const GONE = [...OURS, "cachedTextDecoder", "MAX_SAFARI_DECODE_BYTES", "numBytesDecoded"];

/**
 * The function that looks whether the memory has grown and its old buffer is gone. It would ask `buffer.detached`, which
 * SES's `lockdown()` answers with false on engines that do not know it.
 */
const VIEW = { name: "getDataViewMemory0", grown: "cachedDataViewMemory0?.buffer !== wasm.memory.buffer" };

/**
 * What catches an import's errors: by a function made at each call, and its arguments as an object. The same without them is
 * quicker.
 */
const CATCHES =
  /function\(\) \{ return handleError\(function \((.*)\) \{\n([\s\S]*?)\n {8}\}, arguments\); \}/g;
const CATCHER =
  /function handleError\(f, args\) \{\n {4}try \{\n.*\n {4}\} catch \(e\) \{\n([\s\S]*?)\n {4}\}\n\}/;

/** What must be in no glue: globals that some place lacks when a file is loaded, and the above. */
const UNWANTED = /\.detached\b|\bnew Text(De|En)coder\b|handleError\(f/;

/**
 * The glue's code with those parts replaced. `parse` makes a syntax tree of code, `text` is the file of ours, and `wanted` is
 * what the module takes of each file as it is: the glue would give it all that is in there.
 *
 * @param {string} code
 * @param {{ parse: (code: string) => Program, text: string, wanted: Map<string, string[]> }} means
 */
export function adapted(code, { parse, text, wanted }) {
  const { body } = parse(code);
  /** @type {string[]} */
  const found = [];
  /** By the modules that they are of. @type {Map<string, string>} */
  const namespaces = new Map();
  let views = 0;
  let result = "";
  let at = 0;
  /**
   * @param {Span} span
   * @param {string} by
   */
  const replace = ({ start, end }, by) => {
    result += code.slice(at, start) + by;
    at = end;
  };
  for (const statement of body) {
    const names = namesOf(statement);
    const imported = namespaceOf(statement);
    if (imported) {
      const { name, source } = imported;
      const first = namespaces.get(source);
      const members = wanted.get(source) ?? [];
      const parts = members.map((member) => [member, `${name}_${member}`]);
      const list = parts.map(([member, local]) => `${member} as ${local}`).join(", ");
      const object = parts.map(([member, local]) => `${member}: ${local}`).join(", ");
      replace(
        statement,
        first
          ? `const ${name} = ${first};`
          : `import { ${list} } from ${JSON.stringify(source)};\nconst ${name} = { ${object} };`,
      );
      namespaces.set(source, name);
    } else if (names === undefined) {
      // Runs as the file is loaded: it readies the encoder and the decoder.
      replace(statement, "");
    } else if (names.some((name) => GONE.includes(name))) {
      found.push(...names);
      replace(statement, "");
    } else if (statement.type === "FunctionDeclaration" && names.includes(VIEW.name)) {
      const [check] = statement.body.body;
      if (check.type !== "IfStatement") throw new Error(`${VIEW.name} looks otherwise than it did`);
      replace(check.test, VIEW.grown);
      views += 1;
    }
  }
  result += code.slice(at);
  result = result
    .replace(CATCHES, "function($1) {\ntry {\n$2\n} catch (e) {\nhandleError(e);\n} }")
    .replace(CATCHER, "function handleError(e) {\n$1\n}");
  if (found.toSorted().join() !== GONE.toSorted().join() || views !== 1 || UNWANTED.test(result)) {
    throw new Error(
      `the glue of this wasm-bindgen is another than xtask/js/glue.mjs knows: ${found}, ${views}`,
    );
  }
  return `import { ${OURS.join(", ")} } from ${JSON.stringify(text)};\n${result}`;
}

/**
 * The name that all of a file is imported by, and that file.
 *
 * @param {Statement} statement
 */
function namespaceOf(statement) {
  if (statement.type !== "ImportDeclaration") return undefined;
  const [specifier] = statement.specifiers;
  if (specifier?.type !== "ImportNamespaceSpecifier") return undefined;
  return { name: specifier.local.name, source: statement.source.value };
}

/**
 * The names that a statement declares; undefined for one that does something.
 *
 * @param {Statement} statement
 */
function namesOf(statement) {
  if (statement.type === "FunctionDeclaration") return [statement.id.name];
  if (statement.type === "VariableDeclaration") return statement.declarations.map(({ id }) => id.name);
  return /^(Import|Export)/.test(statement.type) ? [] : undefined;
}
