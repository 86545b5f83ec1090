// The public types: what wasm-bindgen wrote, less what it wrote for itself.
import ts from "typescript";

const LOADER = new Set(["InitInput", "InitOutput", "SyncInitInput", "initSync", "__wbg_init"]);

/**
 * Cuts everything out of a declaration file that users of the package have no business with.
 *
 * `exported` names what the bundles export. Other functions are cut; other classes, of which users
 * meet only instances, become types.
 */
export function publicTypes(text, exported) {
  const file = ts.createSourceFile("superserve_sdk.d.ts", text, ts.ScriptTarget.Latest, true);
  const cuts = [{ pos: 0, end: endOfLintSwitches(text) }];
  const typesOnly = [];
  for (const statement of file.statements) {
    const hidden = ts.isFunctionDeclaration(statement) && !exported.includes(statement.name?.text);
    if (hidden || isLoader(statement) || isInternal(statement)) {
      cuts.push({ pos: statement.getFullStart(), end: statement.getEnd() });
      continue;
    }
    if (ts.isClassDeclaration(statement) && !exported.includes(statement.name.text)) {
      typesOnly.push(statement.name.text);
      const [modifier] = statement.modifiers;
      cuts.push({ pos: modifier.getStart(), end: modifier.getEnd(), instead: "declare" });
    }
    if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
      const unwanted = statement.members.filter((member) => isMemory(member) || isInternal(member));
      cuts.push(...unwanted.map((member) => ({ pos: member.getFullStart(), end: member.getEnd() })));
    }
  }
  let result = "";
  let kept = 0;
  for (const { pos, end, instead = "" } of cuts) {
    result += text.slice(kept, Math.max(kept, pos)) + instead;
    kept = end;
  }
  result = (result + text.slice(kept)).replace(/\n{3,}/g, "\n\n").trim();
  return `${result}\n\nexport type { ${typesOnly.join(", ")} };\n`;
}

/** The generator turns linters off at the top of its file. */
function endOfLintSwitches(text) {
  const comments = ts.getLeadingCommentRanges(text, 0) ?? [];
  const switches = comments.filter(({ pos }) => /^\/\* (ts|es)lint/.test(text.slice(pos)));
  return switches.at(-1)?.end ?? 0;
}

/** The functions and types that load the module: the package's entries do that. */
function isLoader(statement) {
  if (ts.isVariableStatement(statement)) return false;
  return LOADER.has(statement.name?.text) || ts.isExportAssignment(statement);
}

/** Manual memory management: the package leaves it to the garbage collector. */
function isMemory(member) {
  const name = member.name?.getText();
  return name === "free" || name === "[Symbol.dispose]";
}

function isInternal(node) {
  return ts.getJSDocTags(node).some((tag) => tag.tagName.text === "internal");
}
