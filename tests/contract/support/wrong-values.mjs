// Values that an option must refuse, by kind and by method.

export const circular = () => {
  /** @type {{ a: string, self?: unknown }} */
  const value = { a: "b" };
  value.self = value;
  return value;
};

/** @param {unknown} error */
export const throwing = (error) =>
  Object.defineProperty({}, "a", {
    enumerable: true,
    get() {
      throw error;
    },
  });

// Values that are wrong for an option of the kind. `undefined` is how an option is left out, and so is null, which stays
// wrong for what is required.
/** @param {unknown[]} values */
export const withoutNull = (values) => values.filter((value) => value !== null);

/** @type {unknown[]} */
export const NOT_STRINGS = [
  null,
  0,
  1,
  NaN,
  true,
  false,
  {},
  [],
  ["x"],
  () => "x",
  Symbol("x"),
  5n,
  new String("x"),
];
export const NOT_COUNTS = [
  NaN,
  Infinity,
  -Infinity,
  -1,
  1.5,
  2 ** 53,
  "5",
  "",
  true,
  {},
  [],
  [5],
  5n,
  Symbol("5"),
  () => 5,
  new Number(5),
  new Date(),
];
// A limit beyond any size means none, and one may ask for that.
const NOT_LIMITS = NOT_COUNTS.filter((value) => value !== Infinity && value !== 2 ** 53);
export const NOT_STRING_MAPS = [
  null,
  0,
  1,
  true,
  "text",
  "",
  [],
  ["a"],
  [["a", "b"]],
  () => {},
  Symbol("x"),
  5n,
  new Map([["a", "b"]]),
  new Set(),
  new Date(),
  { a: 1 },
  { a: null },
  { a: true },
  { a: {} },
  { a: ["b"] },
  { a: Symbol("b") },
  { a: 5n },
  { a: () => "b" },
  { a: new String("b") },
  { a: "b", c: 1 },
];
export const NOT_LISTS = [
  null,
  1,
  true,
  "a.com",
  {},
  { 0: "a", length: 1 },
  [1],
  [null],
  [undefined],
  ["a.com", 5],
  [["a.com"]],
  new Set(["a"]),
];
const NOT_FLAGS = [0, 1, "true", "", {}, [], Symbol("x"), 5n, () => true];
const NOT_FUNCTIONS = [0, 1, true, "text", {}, [], Symbol("x"), 5n];
export const NOT_OPTIONS = [0, 1, NaN, true, false, "text", "", Symbol("x"), 5n, () => {}, [], ["x"]];

const NETWORKS = [
  1,
  "a.com",
  [],
  true,
  ...withoutNull(NOT_LISTS).map((allowOut) => ({ allowOut })),
  ...withoutNull(NOT_LISTS).map((denyOut) => ({ denyOut })),
];

// What each method refuses: option → wrong values.
const UPDATES = {
  metadata: [...NOT_STRING_MAPS, circular()],
  network: NETWORKS,
  timeoutSeconds: NOT_COUNTS,
  autoDeleteSeconds: NOT_COUNTS,
  previewAccess: NOT_STRINGS,
};
/** @type {Record<string, Record<string, unknown[]>>} */
export const OWN_OPTIONS = {
  "Sandbox.create": {
    name: NOT_STRINGS.concat(""),
    fromTemplate: [null, 0, 1, NaN, true, {}, [], { id: 5 }, { name: 5 }, () => "x", Symbol("x"), 5n],
    fromSnapshot: [null, 0, 1, NaN, true, {}, [], { id: 5 }, { name: "x" }, () => "x", Symbol("x"), 5n],
    onDispose: [...NOT_STRINGS, "delete", ""],
    timeoutSeconds: [null, ...NOT_COUNTS],
    autoDeleteSeconds: [null, ...NOT_COUNTS],
    metadata: [...NOT_STRING_MAPS, circular()],
    envVars: [...NOT_STRING_MAPS, circular()],
    secrets: [...NOT_STRING_MAPS, circular()],
    network: NETWORKS,
    previewAccess: NOT_STRINGS,
  },
  "Sandbox.list": {
    metadata: [...NOT_STRING_MAPS, circular()],
    status: [
      ...NOT_STRINGS.filter((value) => !Array.isArray(value)),
      "",
      [],
      [1],
      [null],
      [""],
      ["active", {}],
    ],
    q: NOT_STRINGS,
    sort: NOT_STRINGS,
    order: NOT_STRINGS,
    limit: [null, ...NOT_COUNTS],
    offset: [null, ...NOT_COUNTS],
  },
  "Sandbox.iterate": { status: [1, "", []], q: NOT_STRINGS, pageSize: [null, 0, 1, 1001, ...NOT_COUNTS] },
  "Sandbox.get": { onDispose: [...NOT_STRINGS, "delete", ""] },
  "Snapshot.iterate": { pageSize: [null, 0, 1, 1001, ...NOT_COUNTS] },
  "Template.iterate": { owner: NOT_STRINGS, pageSize: [null, 0, 1, 1001, ...NOT_COUNTS] },
  "sandbox.iterateNetworkLog": { before: NOT_STRINGS, pageSize: [null, 0, 1, 1001, ...NOT_COUNTS] },
  "sandbox.update": UPDATES,
  "Sandbox.connect": { onDispose: [...NOT_STRINGS, "delete", ""] },
  "sandbox.pause": { wait: [null, 0, "yes", {}], pollIntervalMs: [-1, NaN, "5", {}] },
  "Sandbox.pauseById": { wait: [null, 0, "yes", {}], pollIntervalMs: [-1, NaN, "5", {}] },
  "Sandbox.resumeById": { pollIntervalMs: [-1, NaN, "5", {}] },
  "sandbox.resume": { pollIntervalMs: [-1, NaN, "5", {}] },
  "sandbox.snapshot": {
    name: [...NOT_STRINGS, "", "x".repeat(65)],
    kind: NOT_STRINGS,
    idempotencyKey: [...NOT_STRINGS, "", "x".repeat(256)],
    wait: [null, 0, "yes", {}],
    pollIntervalMs: [-1, NaN, "5", {}],
  },
  "sandbox.snapshots": { limit: [null, 0, ...NOT_COUNTS], offset: [null, ...NOT_COUNTS] },
  "commands.run": {
    args: NOT_LISTS,
    cwd: NOT_STRINGS,
    env: [...NOT_STRING_MAPS, circular()],
    onStdout: [null, 0, 1, true, "text", {}, [], Symbol("x"), 5n],
    onStderr: [null, 0, 1, true, "text", {}, [], Symbol("x"), 5n],
    maxOutputBytes: NOT_LIMITS,
  },
  "Template.create": {
    name: [...NOT_STRINGS, "", undefined],
    from: [...NOT_STRINGS, "", undefined],
    vcpu: [null, ...NOT_COUNTS],
    memoryMib: [null, ...NOT_COUNTS],
    diskMib: [null, ...NOT_COUNTS],
    steps: [null, 0, true, "run", {}, { 0: { run: "a" } }, new Set(), [{}], [null], ["run"]],
    startCmd: NOT_STRINGS,
    readyCmd: NOT_STRINGS,
  },
  "Template.list": {
    namePrefix: NOT_STRINGS,
    q: NOT_STRINGS,
    owner: NOT_STRINGS,
    sort: NOT_STRINGS,
    order: NOT_STRINGS,
    limit: [null, ...NOT_COUNTS],
    offset: [null, ...NOT_COUNTS],
  },
  "Secret.create": {
    name: [...NOT_STRINGS, "", undefined],
    value: [...NOT_STRINGS, "", undefined],
    provider: [...NOT_STRINGS, "a provider beside auth"],
    auth: [null, 5, true, "bearer", [], {}, { type: 5 }, { perHost: "x" }, undefined],
    hosts: [...NOT_LISTS, undefined],
  },
  "sandbox.getNetworkLog": {
    limit: [null, ...NOT_COUNTS],
    before: [...NOT_STRINGS, new Date()],
    since: [...NOT_STRINGS, new Date()],
    verdict: NOT_STRINGS,
  },
  "sandbox.publishPreviewPort": { access: NOT_STRINGS },
  "desktop.click": { button: [...NOT_STRINGS, "", "LEFT", "back", ["left"]] },
  "desktop.scroll": { dx: NOT_COUNTS.filter((value) => value !== -1), dy: [1.5, "1", NaN, {}, 2 ** 53] },
  "files.read": {
    maxBytes: NOT_LIMITS,
    offset: NOT_COUNTS,
    length: NOT_COUNTS,
    format: [...NOT_STRINGS, "", "json"],
  },
  "files.write": {
    mode: [...NOT_COUNTS, 0o10000],
    append: NOT_FLAGS,
    createNew: NOT_FLAGS,
    onProgress: NOT_FUNCTIONS,
  },
  "files.list": { depth: [0, ...NOT_COUNTS], hidden: NOT_FLAGS, pattern: NOT_STRINGS },
  "files.find": {
    pattern: NOT_STRINGS,
    type: [...NOT_STRINGS, "", "folder"],
    limit: [0, ...NOT_COUNTS],
    hidden: NOT_FLAGS,
    ignore: NOT_LISTS,
  },
  "files.grep": {
    glob: NOT_STRINGS,
    ignoreCase: NOT_FLAGS,
    regex: NOT_FLAGS,
    limit: [0, ...NOT_COUNTS],
    context: NOT_COUNTS,
  },
  "files.mkdir": { recursive: NOT_FLAGS },
  "files.remove": { recursive: NOT_FLAGS },
  "files.chmod": { recursive: NOT_FLAGS },
  "files.copy": { recursive: NOT_FLAGS, overwrite: NOT_FLAGS },
  "files.rename": { overwrite: NOT_FLAGS },
  "files.downloadDir": { maxBytes: NOT_LIMITS },
};
OWN_OPTIONS["desktop.doubleClick"] = OWN_OPTIONS["desktop.click"];
OWN_OPTIONS["commands.run, streaming"] = OWN_OPTIONS["commands.run"];
for (const name of ["getPreviewToken", "getSignedPreviewUrl", "rotatePreviewToken"]) {
  OWN_OPTIONS[`sandbox.${name}`] = { expiresInSeconds: [null, 0, ...NOT_COUNTS] };
}

export const REQUIRED = [
  "Template.create.name",
  "Template.create.from",
  "Secret.create.name",
  "Secret.create.value",
];
for (const [method, options] of Object.entries(OWN_OPTIONS)) {
  for (const [key, values] of Object.entries(options)) {
    if (!REQUIRED.includes(`${method}.${key}`)) options[key] = withoutNull(values);
  }
}

export const NOT_TIMEOUTS = [
  NaN,
  -1,
  -Infinity,
  "5",
  "",
  true,
  {},
  [],
  5n,
  Symbol("5"),
  () => 5,
  new Number(5),
  new Date(),
];

/** An error class of its own proves that an error is the caller's. */
export class Mine extends Error {}
