import { readFileSync } from "node:fs";

/** The programs in the documentation: those of a Markdown file, or of the comments of a declaration file. */
export function examplesOf(path) {
  const isCode = path.endsWith(".d.ts");
  return [...readFileSync(path, "utf8").matchAll(/```(?:js|ts|typescript)\n(.*?)```/gs)].map(([, block]) => {
    const program = isCode ? block.replace(/^ *\* ?/gm, "") : block;
    // An example may show two ways under one name, and need not import.
    return `${program.replace(/^(const|let) /gm, "var ").trimEnd()}\nexport {};\n`;
  });
}
