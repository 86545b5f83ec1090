// The package's documentation as TypeDoc renders it, without a warning: every name has its text, every link
// its target. SUPERSERVE_CONSUMER names a project that has the package installed.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ReflectionKind } from "typedoc";
import { documentation } from "./docs.mjs";

const out = mkdtempSync(join(tmpdir(), "superserve-docs-"));
after(() => rmSync(out, { recursive: true }));
const { project, messages, render } = await documentation(process.env.SUPERSERVE_CONSUMER);

test("TypeDoc renders every entry without a warning", async () => {
  await render(out);
  assert.deepEqual(messages, []);
  const page = (path) => readFileSync(join(out, path), "utf8");
  assert.match(page("classes/_superserve_sdk.Sandbox.html"), /virtual machine/);
  assert.match(page("functions/_superserve_sdk_relay.createTicket.html"), /ticket/);
  assert.match(page("functions/_superserve_sdk_relay_node.nodeListener.html"), /listener/);
  assert.match(page("functions/_superserve_sdk_slim.init.html"), /Loads the module/);
});

const numbers = project
  .getReflectionsByKind(ReflectionKind.Property)
  .filter(({ type, comment }) => /\bnumber\b/.test(`${type}`) && type.type !== "reflection" && comment);

test("numbers say what they count", () => {
  const units = { Ms: /millisecond/i, Seconds: /\bseconds\b/i, Mib: /\bMiB\b/, Bytes: /\bbytes\b/i };
  const measured = numbers.filter(({ name }) => Object.keys(units).some((unit) => name.endsWith(unit)));
  assert.ok(measured.length > 10, `${measured.length} numbers with a unit`);
  const silent = measured.filter((property) => {
    const [, says] = Object.entries(units).find(([unit]) => property.name.endsWith(unit));
    return !says.test(text(property));
  });
  assert.deepEqual(
    silent.map((property) => property.getFullName()),
    [],
  );
});

test("options that are numbers say what holds without them", () => {
  // An update leaves as it is what it does not name.
  const options = numbers.filter(
    ({ parent, flags }) =>
      flags.isOptional && /Options$/.test(parent.name) && parent.name !== "SandboxUpdateOptions",
  );
  assert.ok(options.length > 5, `${options.length} options`);
  const silent = options.filter((property) => !property.comment.getTag("@defaultValue"));
  assert.deepEqual(
    silent.map((property) => property.getFullName()),
    [],
  );
});

function text({ comment }) {
  return comment.summary.map((part) => part.text).join("");
}
