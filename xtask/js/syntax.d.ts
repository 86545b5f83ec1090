// Of a syntax tree, what glue.mjs looks at.

export interface Span {
  start: number;
  end: number;
}

export interface Check extends Span {
  type: string;
  /** Of an `IfStatement`. */
  test: Span;
}

export type Statement = Span &
  (
    | { type: "FunctionDeclaration"; id: { name: string }; body: { body: Check[] } }
    | { type: "VariableDeclaration"; declarations: { id: { name: string } }[] }
    | {
        type: "ImportDeclaration";
        specifiers: { type: string; local: { name: string } }[];
        source: { value: string };
      }
    | { type: "ExportNamedDeclaration" | "ExpressionStatement" }
  );

export interface Program {
  body: Statement[];
}
