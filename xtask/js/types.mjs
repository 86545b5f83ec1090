// The public types: what wasm-bindgen wrote, less what it wrote for itself.
import ts from "typescript";

const LOADER = new Set(["InitInput", "InitOutput", "SyncInitInput", "initSync", "__wbg_init"]);

/** Cuts everything out of a declaration file that users of the package have no business with. */
export function publicTypes(text) {
  const file = ts.createSourceFile("superserve_sdk.d.ts", text, ts.ScriptTarget.Latest, true);
  const cuts = [];
  for (const statement of file.statements) {
    if (isLoader(statement) || isInternal(statement)) {
      cuts.push(statement);
    } else if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
      cuts.push(...statement.members.filter((member) => isMemory(member) || isInternal(member)));
    }
  }
  // The first statement's leading trivia holds the generator's own lint switches.
  const start = ts.getLeadingCommentRanges(text, 0)?.findLast(({ kind, pos, end }) =>
    kind === ts.SyntaxKind.MultiLineCommentTrivia && !text.slice(pos, end).startsWith("/**"))?.end ?? 0;
  let result = "";
  let kept = start;
  for (const node of cuts) {
    result += text.slice(kept, Math.max(kept, node.getFullStart()));
    kept = node.getEnd();
  }
  return `${(result + text.slice(kept)).replace(/\n{3,}/g, "\n\n").trim()}\n`;
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
