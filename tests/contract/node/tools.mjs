// The schemas of `@superserve/sdk/tools`, by Ajv and by the rules of OpenAI's strict mode, with what real calls take and answer.

import Ajv from "ajv/dist/2020.js";

import { liveSandbox } from "../support/live.mjs";

/** What strict mode takes, of all that JSON Schema has. */
const KEYWORDS = {
  object: ["type", "properties", "required", "additionalProperties", "description"],
  array: ["type", "items", "minItems", "maxItems", "description"],
  string: ["type", "enum", "description"],
  integer: ["type", "minimum", "maximum", "description"],
  boolean: ["type", "description"],
};

/** What strict mode has against a schema. */
function against(schema, path, depth = 1) {
  const [type, or, ...more] = [schema.type].flat();
  if (!(type in KEYWORDS) || more.length > 0 || (or ?? "null") !== "null")
    return [`${path}: type ${schema.type}`];
  const wrong = Object.keys(schema)
    .filter((keyword) => !KEYWORDS[type].includes(keyword))
    .map((keyword) => `${path}: ${keyword}`);
  if (depth > 10) wrong.push(`${path}: too deep`);
  if (type === "array") wrong.push(...against(schema.items, `${path}[]`, depth + 1));
  if (type !== "object") return wrong;
  const names = Object.keys(schema.properties);
  if (schema.additionalProperties !== false) wrong.push(`${path}: further properties`);
  if (String(schema.required) !== String(names)) wrong.push(`${path}: not all are required`);
  return [
    ...wrong,
    ...names.flatMap((name) => against(schema.properties[name], `${path}.${name}`, depth + 1)),
  ];
}

/** A call of each tool that works, one after another. */
const CALLS = [
  ["bash", { command: "mkdir -p /tmp/t; echo one", cwd: null, timeout_ms: null }],
  ["bash", { command: "seq 100000", cwd: "/tmp", timeout_ms: 60_000 }],
  ["write_file", { path: "/tmp/t/a", content: "one\n" }],
  ["read_file", { path: "/tmp/t/a", offset: null, limit: null }],
  ["edit_file", { path: "/tmp/t/a", old_string: "one", new_string: "two", replace_all: null }],
  ["list_files", { path: "/tmp/t", depth: null }],
  ["glob", { pattern: "*", path: "/tmp/t" }],
  ["grep", { pattern: "two", path: "/tmp/t", glob: null, ignore_case: null, context: 1, limit: null }],
  ["start_process", { command: "sleep 100", name: "p", cwd: null, port: null }],
  ["process_output", { process_id: "p", limit: null, wait_ms: null }],
  ["process_output", { process_id: null, limit: null, wait_ms: null }],
  ["stop_process", { process_id: "p" }],
  ["preview_url", { port: 3000 }],
  ["run_code", { code: "echo 1", language: "bash" }],
];

export default function ({ test }) {
  test("every schema is one, strict mode takes it, and calls and answers fit", {
    timeoutMs: 60_000,
  }, async (ctx) => {
    const { assert, tools } = ctx;
    const list = tools.sandboxTools(await liveSandbox(ctx), { screen: true });
    const ajv = new Ajv({ strict: true, allowUnionTypes: true });
    const fits = {};
    for (const { name, description, inputSchema, outputSchema } of list) {
      assert.match(name, /^[a-z_]{1,64}$/);
      assert.ok(description.length < 1024, `${name}: ${description.length} characters`);
      assert.deepEqual([...against(inputSchema, name), ...against(outputSchema, name)], []);
      fits[name] = { input: ajv.compile(inputSchema), output: ajv.compile(outputSchema) };
    }
    const total = JSON.stringify(list.map(({ inputSchema }) => inputSchema)).length;
    assert.ok(total < 15_000, `${total} characters of schemas`);
    const seen = new Set(["computer"]);
    for (const [name, input] of CALLS) {
      seen.add(name);
      assert.ok(fits[name].input(input), `${name}: ${ajv.errorsText(fits[name].input.errors)}`);
      const { structured, content } = await list.find((tool) => tool.name === name).execute(input);
      assert.ok(structured, `${name}: ${content[0].text}`);
      assert.ok(fits[name].output(structured), `${name}: ${ajv.errorsText(fits[name].output.errors)}`);
    }
    assert.equal(seen.size, list.length);
  });
}
