// Tickets that are bound to a folder: what they reach, and that no link, path or race leads a page out of it.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { behindRelay, consumer, createTicket, page, refusal, SECRET } from "./support.mjs";

const sdk = await import(pathToFileURL(join(consumer, "node_modules/@superserve/sdk/dist/index.js")).href);

const allow = ["files:read", "files:write"];
const OUTSIDE = [403, "outside_root"];
const OUT = /outside_root/;
/** What no page of these tests may see. */
const PRIVATE = "what lies outside";

const { service, relay, sandbox, client: backend } = await behindRelay(["exec"]);

const run = async (command) => {
  const { stdout, stderr, exit_code: code } = await backend.json("/exec", backend.exec(command));
  assert.equal(code, 0, `${command}: ${stderr}`);
  return stdout;
};

let made = 0;

/**
 * A folder of its own, links out of it, and the page that is bound to it.
 *
 * @param {object} [more]
 */
async function folder(more) {
  const base = `/home/user/t${++made}`;
  const [root, outside] = [`${base}/in`, `${base}/out`];
  await run(
    `mkdir -p ${root}/sub/deep ${outside}/dir && cd ${root} && printf mine > mine && printf deep > sub/deep/file
    printf '${PRIVATE}' > ${outside}/file; cp ${outside}/file ${outside}/dir/file; chmod 640 ${outside}/file
    ln -s ${outside} dirlink; ln -s ${outside}/file filelink; ln -s ../out/file relative; ln -s sub inner; ln -s mine innerfile
    ln -s ${outside}/new dangling; ln -s loop loop; ln -s ${root} self`,
  );
  const ticket = await createTicket(sandbox, { secret: SECRET, allow, root, ...more });
  const { files } = sdk.Sandbox.fromTicket(ticket, { relayUrl: relay.url });
  return { root, outside, files, own: page(relay.url, ticket) };
}

/** What is outside, by name, mode and content. */
const shape = (outside) =>
  run(`cd ${outside} && find . -printf '%p %m %n %s %T@\\n' | sort && cat file dir/file`);

const at = (path) => `/files?path=${encodeURIComponent(path)}`;

test("the folder's own files, by the same absolute paths", async () => {
  const { root, files, own } = await folder();
  assert.equal(await files.readText(`${root}/mine`), "mine");
  assert.equal(await files.readText(`${root}/./sub//deep/file`), "deep");
  assert.equal(await files.readText(`${root}/inner/deep/file`), "deep", "links that stay inside lead on");
  assert.equal(await files.readText(`${root}/innerfile`), "mine");
  await files.write(`${root}/innerfile`, "through");
  assert.equal(await run(`cd ${root} && cat mine && readlink innerfile`), "throughmine\n");
  await files.write(`${root}/a/b/c d\udce9`, "new");
  assert.equal(await files.readText(`${root}/a/b/c d\udce9`), "new");
  await run(`chmod 751 ${root}/mine`);
  await files.write(`${root}/mine`, new Uint8Array(3_000_000).fill(65));
  const { size, mode } = await files.stat(`${root}/mine`);
  assert.deepEqual([size, mode], [3_000_000, 0o751]);
  const part = await own.fetch(at(`${root}/sub/deep/file`), { headers: { range: "bytes=1-2" } });
  assert.deepEqual([part.status, await part.text()], [206, "ee"]);
  assert.ok((await files.list(root)).some(({ path }) => path === `${root}/sub`));
  assert.ok((await files.list(`${root}/self`)).some(({ name }) => name === "sub"));
  await files.mkdir(`${root}/made/more`, { recursive: true });
  await files.rename(`${root}/a`, `${root}/made/a`);
  await files.copy(`${root}/sub`, `${root}/copy`, { recursive: true });
  await files.chmod(root, 0o755);
  assert.equal(await run(`cat ${root}/copy/deep/file`), "deep");
  await files.remove(`${root}/made`, { recursive: true });
  assert.equal(await files.exists(`${root}/made`), false);
  for (const [path, status, code] of [
    [`${root}/none`, 404, "not_found"],
    [`${root}/sub`, 400, "is_directory"],
    [`${root}/mine/x`, 400, "not_directory"],
  ]) {
    assert.deepEqual(await refusal(await own.fetch(at(path))), [status, code], path);
  }
  for (const path of [root, `${root}/sub`]) {
    const answer = await own.fetch(at(path), { method: "POST", body: "x" });
    assert.deepEqual(await refusal(answer), [400, "is_directory"], path);
  }
  const written = await own.json(at(`${root}/told`), { method: "POST", body: "four" });
  assert.deepEqual(written, { path: `${root}/told`, size: 4 });
});

test("nothing is left behind of what was under way", async () => {
  await run(
    "for i in $(seq 100); do ls -d /tmp/superserve-* >/dev/null 2>&1 || exit 0; sleep .1; done; exit 1",
  );
});

test("an archive has the folder's files, by its name, and none that links lead to", async () => {
  const { root, own } = await folder();
  const zip = Buffer.from(await (await own.fetch(`${at(root)}&format=zip`)).arrayBuffer()).toString("latin1");
  assert.match(zip, /^PK/);
  assert.match(zip, /in\/sub\/deep\/file/);
  assert.doesNotMatch(zip, /link|dangling|relative|self/);
  const file = await own.fetch(`${at(`${root}/mine`)}&format=zip`);
  assert.equal(await file.text(), "mine");
});

test("paths outside are refused before anything is done", async () => {
  const { root, outside, files, own } = await folder();
  const before = relay.events.length;
  const others = ["/", "/etc/passwd", outside, `${root}x`, `${root}x/a`, root.slice(0, -1), `//etc/./passwd`];
  for (const path of others) {
    const { name, code, statusCode } = await files.stat(path).catch((error) => error);
    assert.deepEqual([name, code, statusCode], ["AuthenticationError", "outside_root", 403], path);
    for (const act of [
      () => files.readText(path),
      () => files.downloadDir(path),
      () => files.write(path, "x"),
      () => files.list(path),
      () => files.exists(path),
      () => files.mkdir(path, { recursive: true }),
      () => files.remove(path, { recursive: true }),
      () => files.rename(`${root}/mine`, path, { overwrite: true }),
      () => files.rename(path, `${root}/x`),
      () => files.copy(`${root}/mine`, path, { overwrite: true }),
      () => files.copy(path, `${root}/x`, { recursive: true }),
      () => files.chmod(path, 0o777),
      () => files.symlink("x", path),
    ]) {
      assert.equal((await act().catch((error) => error)).code, "outside_root", `${act} ${path}`);
    }
  }
  assert.deepEqual(await refusal(await own.fetch("/files?path=/etc/passwd")), OUTSIDE);
  assert.ok(relay.events.slice(before).every(({ type }) => type === "refused"));
  for (const path of [`${root}/../out/file`, `${root}/%2e%2e/out/file`]) {
    assert.equal((await own.fetch(`/files?path=${path}`)).status, 400, path);
  }
});

test("a link that leads outside leads nowhere, and does not show", async () => {
  const { root, outside, files } = await folder();
  const was = await shape(outside);
  const on = (name) => `${root}/${name}`;
  for (const [what, act] of Object.entries({
    read: () => files.readText(on("filelink")),
    "read by a relative link": () => files.readText(on("relative")),
    "read through a directory": () => files.readText(on("dirlink/file")),
    "read through two": () => files.readText(on("self/dirlink/file")),
    zip: () => files.downloadDir(on("dirlink")),
    "zip through": () => files.downloadDir(on("dirlink/dir")),
    write: () => files.write(on("filelink"), "x"),
    "write to nothing": () => files.write(on("dangling"), "x"),
    "write through": () => files.write(on("dirlink/made"), "x"),
    "write far through": () => files.write(on("dirlink/a/b/c"), "x"),
    list: () => files.list(on("dirlink")),
    "list through": () => files.list(on("dirlink/dir")),
    stat: () => files.stat(on("dirlink/file")),
    exists: () => files.exists(on("dirlink/file")),
    "exists not": () => files.exists(on("dirlink/nothing")),
    mkdir: () => files.mkdir(on("dirlink/made")),
    "mkdir far": () => files.mkdir(on("dirlink/made/more"), { recursive: true }),
    remove: () => files.remove(on("dirlink/file")),
    "remove all": () => files.remove(on("dirlink/dir"), { recursive: true }),
    "rename to": () => files.rename(on("mine"), on("dirlink/mine")),
    "rename from": () => files.rename(on("dirlink/file"), on("stolen")),
    "copy to": () => files.copy(on("mine"), on("dirlink/file"), { overwrite: true }),
    "copy from": () => files.copy(on("dirlink/file"), on("stolen")),
    chmod: () => files.chmod(on("filelink"), 0o777),
    "chmod through": () => files.chmod(on("dirlink/file"), 0o777),
    "chmod all": () => files.chmod(on("dirlink"), 0o777, { recursive: true }),
    symlink: () => files.symlink("x", on("dirlink/link")),
  })) {
    const error = await act().then(
      () => "it was done",
      (error) => error,
    );
    assert.equal(error.code, "outside_root", `${what}: ${error.message ?? error}`);
  }
  // These are about the links themselves.
  assert.equal((await files.stat(on("filelink"))).target, `${outside}/file`);
  const depth = (await files.list(root, { depth: 9 })).map(({ path }) => path.slice(root.length + 1));
  assert.ok(depth.includes("dirlink") && !depth.some((path) => path.startsWith("dirlink/")), `${depth}`);
  await files.chmod(root, 0o755, { recursive: true });
  await files.copy(root, `${root}2`).catch(() => {});
  await files.mkdir(on("tree"));
  await files.copy(on("sub"), on("tree/sub"), { recursive: true });
  await files.copy(on("mine"), on("filelink"), { overwrite: true });
  assert.equal((await files.stat(on("filelink"))).type, "file", "a copy takes the link's place");
  await files.symlink(outside, on("again"));
  await files.symlink(`${outside}/file`, on("tree/sub/deep/other"));
  await files.mkdir(on("from/sub/deep"), { recursive: true });
  await files.write(on("from/sub/deep/other"), "over");
  await files.copy(on("from"), on("tree"), { recursive: true, overwrite: true });
  await files.symlink(outside, on("tree/dir"));
  await files.mkdir(on("from/dir"));
  await files.write(on("from/dir/file"), "over");
  await files.copy(on("from"), on("tree"), { recursive: true, overwrite: true }).catch(() => {});
  await files.rename(on("mine"), on("relative"), { overwrite: true });
  await files.remove(on("again"), { recursive: true });
  await files.remove(on("dirlink"));
  await files.remove(on("tree"), { recursive: true });
  assert.equal(await shape(outside), was);
});

test("a folder that is reached by a link, one that is not there, one whose name goes on", async () => {
  const { root, outside } = await folder();
  await run(
    `ln -s ${root} ${root}-link; mkdir '${root}x' '${root}\n'; cp ${outside}/file '${root}\n/file'; ln -s '${root}\n' ${root}/newline`,
  );
  const held = async (root) => {
    const ticket = await createTicket(sandbox, { secret: SECRET, allow, root });
    return sdk.Sandbox.fromTicket(ticket, { relayUrl: relay.url }).files;
  };
  const linked = await held(`${root}-link`);
  assert.equal(await linked.readText(`${root}-link/mine`), "mine");
  await linked.write(`${root}-link/new`, "new");
  await linked.mkdir(`${root}-link/x/y`, { recursive: true });
  assert.equal((await linked.readText(`${root}/mine`).catch((error) => error)).code, "outside_root");
  const own = await held(root);
  assert.equal((await own.readText(`${root}/newline/file`).catch((error) => error)).code, "outside_root");
  assert.equal((await own.list(`${root}/newline`).catch((error) => error)).code, "outside_root");
  const none = await held("/home/user/none");
  for (const act of [() => none.list("/home/user/none"), () => none.write("/home/user/none/a", "x")]) {
    assert.equal((await act().catch((error) => error)).code, "not_found");
  }
});

test("what is put into place, unpacked or packed is the folder's own", async () => {
  const { root, outside, files, own } = await folder();
  const was = await shape(outside);
  const ask = async (op, value) => {
    const answer = await own.fetch(`/files/${op}`, { method: "POST", body: JSON.stringify(value) });
    const { exit_code: code, stderr, error } = await answer.json();
    return code === 0 ? "it was done" : `${stderr ?? error.code}`;
  };
  const path = `${root}/new`;
  await run(
    `cd ${root} && ln -s ${outside}/file part && ln -s ${outside}/file own.1 && ln -s ${outside}/dir gone.gone`,
  );
  for (const [op, value] of [
    ["put", { path, from: "part", parts: 0, how: "", mode: 0o777 }],
    ["put", { path, from: "part", parts: 0, how: "append" }],
    ["put", { path, from: "part", parts: 0, how: "new" }],
    ["put", { path, from: "own", parts: 1, how: "" }],
    ["put", { path: `${root}/filelink`, from: "mine", parts: 0, how: "append" }],
    ["put", { path: `${root}/filelink`, from: "mine", parts: 0, how: "" }],
    ["put", { path: `${root}/dirlink/file`, from: "mine", parts: 0, how: "" }],
    ["put", { path: `${outside}/file`, from: "mine", parts: 0, how: "" }],
    ["identity", { path: `${root}/dirlink/file` }],
    ["extract", { path: root, archive: `${root}/part`, parts: 0, removes: false }],
    ["extract", { path: root, archive: `${root}/gone`, parts: 0, removes: true }],
    ["extract", { path: root, archive: `${outside}/file`, parts: 0, removes: false }],
    ["extract", { path: `${root}/dirlink`, archive: `${root}/mine`, parts: 0, removes: false }],
    ["pack", { path: root, archive: `${root}/dirlink/.superserve-x` }],
    ["pack", { path: `${root}/dirlink`, archive: `${root}/.superserve-x` }],
    ["discard", { archive: `${root}/dirlink/.superserve-x` }],
  ]) {
    assert.match(await ask(op, value), /outside_root/, `${op} ${JSON.stringify(value)}`);
  }
  for (const from of ["..", ".", "", "../out/file", "sub/deep/file"]) {
    assert.notEqual(await ask("put", { path, from, parts: 0, how: "", mode: 0o777 }), "it was done", from);
  }
  // Archives that would write past themselves.
  await run(`mkdir ${root}/w && cd ${root}/w && ln -s ${outside} out && tar -cf ../a.tar out && rm out && mkdir out && printf bad > out/file && tar -rf ../a.tar out/file
    ln ../mine hard && tar -cPf ../b.tar --transform 's,^hard$,${outside}/made,' hard && ln hard hard2 && tar -cf ../c.tar hard hard2 && mkfifo pipe && tar -cf ../d.tar pipe
    printf x > plain && tar -cPf ../e.tar --transform 's,^plain$,../../out/made,' plain && printf bad > file && mkdir -p dirlink && mv file dirlink && tar -cf ../f.tar dirlink`);
  await run(`cd ${root}/w && printf good > good && tar -cf ../g.tar good`);
  for (const [name, comes] of Object.entries({
    a: /./,
    b: /./,
    c: OUT,
    d: OUT,
    e: /./,
    f: /./,
    g: /^it was done$/,
  })) {
    const archive = `${root}/${name}.tar`;
    assert.match(await ask("extract", { path: root, archive, parts: 0, removes: false }), comes, name);
  }
  assert.equal(await run(`cd ${root} && cat good && ls | grep -E '^(hard|pipe)' || :`), "good");
  assert.equal(await shape(outside), was);
  await files.write(`${root}/big`, new Blob(["streamed"]).stream());
  assert.equal(await files.readText(`${root}/big`), "streamed");
  await files.replace(`${root}/big`, "stream", "dream");
  assert.equal(await files.readText(`${root}/big`), "dreamed");
});

test("links that turn while a page reads and writes lead nobody out", async () => {
  const { root, outside, files, own } = await folder();
  await run(`mkdir ${root}/swap ${root}/swap/dir && printf mine > ${root}/swap/file && cp ${root}/swap/file ${root}/swap/dir/file
    for i in $(seq 30); do mkdir ${root}/swap/$i; printf mine > ${root}/swap/$i/file; done`);
  await run(
    `for i in $(seq 30); do mkdir ${outside}/$i; printf '${PRIVATE}' > ${outside}/$i/outside-only; done`,
  );
  const was = await shape(outside);
  const [swap, away] = [`${root}/swap`, `${root}/away`];
  let over = false;
  // One page turns the directory to a link and back, as fast as it can.
  const turn = async () => {
    while (!over) {
      await files.rename(swap, away).catch(() => {});
      await files.symlink(outside, swap).catch(() => {});
      // What was written meanwhile may have made one.
      await files.remove(swap, { recursive: true }).catch(() => {});
      await files.rename(away, swap).catch(() => {});
    }
  };
  const seen = [];
  const bytes = async (path, init) =>
    Buffer.from(await (await own.fetch(path, init)).arrayBuffer()).toString("latin1");
  const sizes = [];
  const work = async () => {
    for (let round = 0; round < 4; round++) {
      const all = await Promise.all([
        bytes(at(`${swap}/file`)),
        bytes(`${at(swap)}&format=zip`),
        bytes(at(`${swap}/written`), { method: "POST", body: "written" }),
        files.list(root, { depth: 4 }).catch(() => []),
        files.chmod(swap, 0o755, { recursive: true }).catch(() => {}),
        files.copy(swap, `${root}/copy-${round}`, { recursive: true }).catch(() => {}),
        files.remove(`${root}/copy-${round - 1}`, { recursive: true }).catch(() => {}),
        files.mkdir(`${swap}/new/${round}`, { recursive: true }).catch(() => {}),
        files.remove(`${swap}/new`, { recursive: true }).catch(() => {}),
      ]);
      seen.push(all[0], all[1], all[2]);
      sizes.push(...all[3].filter(({ type, size }) => type === "file" && size === PRIVATE.length));
    }
    over = true;
  };
  await Promise.all([turn(), work()]);
  assert.equal(await shape(outside), was);
  assert.ok(!seen.some((text) => text.includes(PRIVATE) || text.includes("outside-only")));
  assert.deepEqual(sizes, []);
  assert.equal(await run(`grep -rl '${PRIVATE}' ${root} || :`), "");
});

test("what a page does there waits for what another does", async () => {
  const { root, files } = await folder();
  const gate = `${root}/../gate`;
  const other = backend.json(
    "/exec",
    backend.exec(`flock -x / sh -c 'touch ${gate}; while [ -e ${gate} ]; do sleep .05; done'`),
  );
  await run(`until [ -e ${gate} ]; do sleep .05; done`);
  await assert.rejects(files.mkdir(`${root}/late`, { timeoutMs: 400 }));
  const [waiting] = [files.stat(`${root}/mine`), await run(`rm ${gate}`)];
  assert.equal((await waiting).name, "mine");
  await other;
  assert.equal(await files.exists(`${root}/late`), false);
});

test("who watches sees the folder alone, and keeps nobody waiting", async () => {
  const { root, outside, files } = await folder();
  const options = { recursive: true, pollIntervalMs: 50 };
  const watcher = files.watch(root, options);
  assert.equal((await watcher.next()).value.type, "ready");
  await files.write(`${root}/new`, "new");
  const { value } = await watcher.next();
  assert.equal(`${value.type} ${value.path}`, `created ${root}/new`);
  await watcher.return();
  const refused = (/** @type {any} */ error) => error.code === OUTSIDE[1];
  await assert.rejects(files.watch(`${root}/dirlink`, options).next(), refused);
  await assert.rejects(files.watch(outside, options).next(), { statusCode: 403 });
  const sub = files.watch(`${root}/sub`, options);
  assert.equal((await sub.next()).value.type, "ready");
  await run(`cd ${root} && mv sub other && ln -s ${outside} sub`);
  // There is a moment in between with nothing by that name.
  await assert.rejects(
    sub.next(),
    (/** @type {any} */ error) => refused(error) || error.code === "not_found",
  );
  await assert.rejects(files.watch(`${root}/sub`, options).next(), refused);
});

test("who watches wakes nothing, though the ticket does not allow to look at the sandbox", async () => {
  const { root, files } = await folder();
  const status = async () => (await service.api("GET", `/sandboxes/${sandbox.id}`)).status;
  await service.api("POST", `/sandboxes/${sandbox.id}/pause`);
  relay.events.length = 0;
  const watcher = files.watch(root, { wake: false, pollIntervalMs: 50 });
  const ready = watcher.next();
  const refusals = () => relay.events.filter(({ type }) => type === "refused");
  while (refusals().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(
    refusals().map(({ code }) => code),
    ["paused", "paused"],
  );
  assert.equal(await status(), "paused");
  await service.api("POST", `/sandboxes/${sandbox.id}/resume`);
  assert.equal((await ready).value.type, "ready");
  await watcher.return();
});

test("what is in no folder is not allowed with one", async () => {
  const root = "/home/user";
  for (const permission of ["exec", "session", "terminal", "preview", "desktop", "lifecycle", "snapshots"]) {
    const options = { secret: SECRET, allow: ["files:read", permission], root };
    await assert.rejects(createTicket(sandbox, options), TypeError, permission);
  }
  for (const bad of ["", "app", "/", "//", "/./", "/tmp", "/tmp/", "/a/../b", "/a\0", 5, null, {}]) {
    await assert.rejects(createTicket(sandbox, { secret: SECRET, allow, root: bad }), TypeError, `${bad}`);
  }
  const ticket = await createTicket(sandbox, { secret: SECRET, root: "/home//user/./" });
  const [payload] = ticket.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  assert.deepEqual([claims.v, claims.root, claims.allow], [2, "/home/user", ["files:read"]]);
  const signed = async (changed) => {
    const text = Buffer.from(JSON.stringify({ ...claims, ...changed })).toString("base64url");
    return page(relay.url, `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`);
  };
  const own = await signed({ allow: ["files:read", "exec"] });
  assert.deepEqual(await refusal(await own.fetch("/exec", own.exec("id"))), [403, "not_allowed"]);
  for (const changed of [
    { v: 1 },
    { root: undefined },
    { root: "" },
    { root: "/" },
    { root: null },
    { root: "/home/../etc" },
    { root: "home" },
    { root: ["/home"] },
  ]) {
    const answer = await (await signed(changed)).fetch("/files?path=/home/user/x");
    assert.deepEqual(await refusal(answer), [401, "ticket_invalid"], JSON.stringify(changed));
  }
});
