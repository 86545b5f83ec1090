// The driver of a JavaScript context: `driver.js <the context's directory>`. One process runs the code, the other takes requests,
// and carries what the code writes to whoever waits for the run: so output flows whatever the code does.

const [, file, home, role] = process.argv;
if (parseInt(process.versions.node, 10) < 18) {
  console.error("superserve:tool_missing:Node.js 18 or newer");
  process.exit(1);
}
const fs = require("fs");
const { join } = require("path");

// Of what waits to be read so much is held, then the code waits.
const MOST_HELD = 1 << 20;
// A representation that is longer is left out; of a text the beginning stays.
const MOST_SHOWN = 16 << 20;
const MOST_TEXT = 1 << 20;
/** Told by what runs the code once an interrupt ends the run, and no further. */
const READY = '{"ready": true}';
const END = '{"end": true}';

const line = (event) =>
  `${JSON.stringify(event).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
const failure = (name, message, traceback = "") => ({ error: { name, message, traceback } });
const INTERRUPTED = failure("Interrupted", "the run was interrupted");
const remove = (path) => fs.rmSync(path, { force: true });
const running = join(home, "running");
const nameOf = (variable) => variable.slice(0, variable.indexOf("="));
const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;

/** Calls `take` with the lines that a descriptor gives, as they come. */
function lines(fd, take) {
  const { Socket } = require("net");
  let rest = "";
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.setEncoding("utf8").on("data", (text) => {
    const all = (rest + text).split("\n");
    rest = all.pop();
    for (const one of all) take(one);
  });
  return socket;
}

function supervise() {
  const { Socket } = require("net");
  const nothing = fs.openSync("/dev/null", "r+");
  // Both ends are open here, so that none sees an end while the other is not there.
  const streams = ["stdout", "stderr"].map((name) => {
    const fd = fs.openSync(join(home, name), O_RDONLY | O_NONBLOCK);
    const end = fs.openSync(join(home, name), O_WRONLY);
    return { name, fd, end, socket: new Socket({ fd, readable: true, writable: false }) };
  });
  const child = require("child_process").spawn(
    process.execPath,
    [...process.execArgv, "--no-force-async-hooks-checks", file, home, "code"],
    {
      detached: true,
      stdio: [nothing, streams[0].end, streams[1].end, "pipe", "pipe", "pipe"],
    },
  );
  const [, , , commands, events, interrupts] = child.stdio;
  const queue = [];
  let run, out, looking;
  let isReady = false;
  let isInterrupted = false;
  let isOver = false;

  const requests = lines(fs.openSync(join(home, "requests"), O_RDWR | O_NONBLOCK), (words) => {
    const [what, name, driver, asker] = words.split(" ");
    const at = queue.findIndex((one) => one.name === name);
    if (what === "run") {
      // What a driver was asked for that is gone nobody waits for.
      if (Number(driver) === process.pid) queue.push({ name, asker: Number(asker) });
    } else if (run && (name === "*" || name === run)) interrupt();
    else if (at >= 0) queue.splice(at, 1);
    begin();
  });

  function interrupt() {
    isInterrupted = true;
    if (isReady && !isOver) interrupts.write("!");
  }

  function begin() {
    while (queue.length && !run) {
      const { name, asker } = queue.shift();
      const path = join(home, `run-${name}`);
      let fd;
      try {
        fd = fs.openSync(`${path}.out`, O_WRONLY | O_NONBLOCK);
        fs.renameSync(path, running);
      } catch {
        // Whoever asked for it is gone.
        if (fd) fs.closeSync(fd);
        remove(path);
        remove(`${path}.out`);
        continue;
      }
      remove(`${path}.out`);
      run = name;
      isReady = isInterrupted = isOver = false;
      looking = setInterval(look, 1000, asker);
      out = new Socket({ fd, readable: false, writable: true })
        .on("error", interrupt)
        .on("drain", () => flow(true))
        .on("close", () => {
          // Nobody waits for more of the run.
          out = undefined;
          flow(true);
          if (isOver) end();
        });
      write(line({ begin: true }));
      commands.write("\n");
    }
  }

  /** Interrupts a run that nobody waits for any more. @param {number} asker */
  function look(asker) {
    try {
      process.kill(asker, 0);
    } catch {
      interrupt();
    }
  }

  function end() {
    clearInterval(looking);
    run = undefined;
    begin();
  }

  /** Lets the code write, or wait until it may. @param {boolean} goes */
  function flow(goes) {
    for (const socket of [...streams.map((one) => one.socket), events])
      goes ? socket.resume() : socket.pause();
  }

  function write(text) {
    if (!out?.writable) return;
    out.write(text);
    if (out.writableLength > MOST_HELD) flow(false);
  }
  const tell = (name, bytes) => write(line({ [name]: bytes.toString("base64") }));
  for (const { name, socket } of streams) socket.on("data", (bytes) => tell(name, bytes));

  /** Tells what the code has written so far: no pipe holds more. */
  function carry() {
    const bytes = Buffer.alloc(1 << 16);
    for (const { name, fd, socket } of streams) {
      for (let held = socket.read(); held; held = socket.read()) tell(name, held);
      try {
        for (let times = 0; times < 16; times++) tell(name, bytes.subarray(0, fs.readSync(fd, bytes)));
      } catch {
        // There is no more.
      }
    }
  }

  let told = "";
  events.setEncoding("utf8").on("data", (text) => {
    const all = (told + text).split("\n");
    told = all.pop();
    for (const event of all) {
      if (event === READY) {
        isReady = true;
        if (isInterrupted) interrupt();
        continue;
      }
      carry();
      if (event === END) remove(running);
      write(`${event}\n`);
      if (event === END) over();
    }
  });

  function over() {
    isOver = true;
    if (out) out.end();
    else end();
  }

  for (const pipe of [commands, interrupts]) pipe.on("error", () => {});
  child.on("close", (code, signal) => {
    requests.destroy();
    queue.length = 0;
    carry();
    for (const { socket } of streams) socket.destroy();
    // From here on another driver may begin, which reads what this one did.
    remove(join(home, "pid"));
    if (!run || isOver) return;
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
    write(`${line(failure("ContextEnded", `the process of the context ${how}`))}${END}\n`);
    over();
  });

  /** A process, and when it began, by which its number is told from a later one's. @param {number} pid */
  const born = (pid) => {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return `${pid} ${stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[19]}`;
  };
  fs.writeFileSync(join(home, "pid.new"), `${born(process.pid)} ${born(child.pid)}\n`);
  fs.renameSync(join(home, "pid.new"), join(home, "pid"));
  process.on("SIGINT", () => {});
  for (const fd of [1, 2]) {
    fs.closeSync(fd);
    fs.openSync("/dev/null", "r+");
  }
}

/** Ends what runs in the main thread, unless that gets to hear of the signal by itself. */
function interrupter() {
  const { Session } = require("inspector");
  const { workerData: heard } = require("worker_threads");
  const session = new Session();
  session.connectToMainThread();
  new (require("net").Socket)({ fd: 5, readable: true, writable: false }).on("data", () => {
    Atomics.store(heard, 0, 0);
    process.kill(-process.pid, "SIGINT");
    if (Atomics.wait(heard, 0, 0, 100) === "timed-out") session.post("Runtime.terminateExecution");
  });
}

function code() {
  const { Session } = require("inspector");
  const { createRequire } = require("module");
  const { inspect } = require("util");
  const { pathToFileURL } = require("url");
  const vm = require("vm");
  const { Writable } = require("stream");

  function writeAll(fd, bytes) {
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
  }
  // Those of Node.js may write later than they are told to.
  for (const [name, fd] of [
    ["stdout", 1],
    ["stderr", 2],
  ]) {
    const stream = new Writable({
      write(bytes, _, done) {
        writeAll(fd, bytes);
        done();
      },
    });
    Object.defineProperty(process, name, { configurable: true, get: () => Object.assign(stream, { fd }) });
  }
  process.argv.length = 1;

  const events = 4;
  const tell = (event) =>
    writeAll(events, Buffer.from(typeof event === "string" ? `${event}\n` : line(event)));

  /** Ends the run that is under way, if any is. @type {((error: object) => void) | undefined} */
  let interrupt;
  const heard = new Int32Array(new SharedArrayBuffer(4));
  process.on("SIGINT", () => {
    Atomics.store(heard, 0, 1);
    Atomics.notify(heard, 0);
    interrupt?.(INTERRUPTED);
  });
  const { Worker } = require("worker_threads");
  new Worker(`(${interrupter})()`, { eval: true, workerData: heard, stdout: false }).unref();
  process.on("exit", () => {
    // Node.js would tell that it waits for the sessions here.
    fs.closeSync(2);
    fs.openSync("/dev/null", "w");
  });
  process.on("uncaughtException", (error) => console.error(error));
  process.on("unhandledRejection", (error) => console.error(error));

  const session = new Session();
  session.connect();
  const post = (method, params) =>
    new Promise((resolve, reject) =>
      session.post(method, params, (error, value) => (error ? reject(error) : resolve(value))),
    );
  let kept;
  Object.defineProperty(globalThis, Symbol.for("superserve.keep"), { value: (value) => (kept = value) });
  const all = post("Runtime.evaluate", { expression: "globalThis" });

  /** The value that the inspector speaks of. */
  async function valueFrom({ objectId, value, unserializableValue }) {
    const of = objectId ? { objectId } : unserializableValue ? { unserializableValue } : { value };
    await post("Runtime.callFunctionOn", {
      objectId: (await all).result.objectId,
      functionDeclaration: "function (value) { this[Symbol.for('superserve.keep')](value); }",
      arguments: [of],
    });
    const found = kept;
    kept = undefined;
    return found;
  }

  /** The forms that a value has. */
  function forms(value) {
    const found = { "text/plain": inspect(value).slice(0, MOST_TEXT) };
    try {
      const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
      if (isPlain) found["application/json"] = value;
      const own = value[Symbol.for("Jupyter.display")];
      if (typeof own === "function") Object.assign(found, own.call(value));
    } catch {
      // It has no other.
    }
    for (const kind in found) {
      try {
        if (line(found[kind] ?? null).length <= MOST_SHOWN) continue;
      } catch {
        // JSON has no such value.
      }
      delete found[kind];
    }
    return found;
  }
  const display = (...values) => {
    for (const value of values) tell({ result: forms(value) });
  };
  const hidden = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  hidden("display", display);

  /** Of a stack what the code itself has called. @param {string} stack */
  function ownFrames(stack) {
    const isOurs = (frame) =>
      /^ {4}at (new Promise \(<anonymous>\)$|.*node:)/.test(frame) || frame.includes(file);
    const frames = stack.split("\n");
    while (frames.length > 1 && isOurs(frames[frames.length - 1])) frames.pop();
    return frames;
  }

  /** What the code was thrown, with its own lines. */
  function thrown(error, { lineNumber, columnNumber }, name) {
    if (!(error instanceof Error) && typeof error?.stack !== "string")
      return failure("Error", inspect(error), inspect(error));
    const stack = ownFrames(`${error.stack}`);
    if (error instanceof SyntaxError && stack.length === 1)
      stack.push(`    at ${name}:${lineNumber + 1}:${columnNumber + 1}`);
    return failure(
      `${error.name}`,
      `${error.message}`.slice(0, MOST_TEXT),
      stack.join("\n").slice(0, MOST_TEXT),
    );
  }

  const isCode = (source) => {
    try {
      new vm.Script(`async () => {${source}\n}`);
      return true;
    } catch {
      return false;
    }
  };
  /**
   * The source with a function of ours in place of `import()`, which code of the inspector has not. Where the word stands in a
   * text or a comment the source is none the worse for other characters there.
   */
  function withImports(source) {
    if (!/\bimport\s*\(/.test(source) || !isCode(source)) return source;
    let out = source;
    for (const { index } of source.matchAll(/\bimport(?=\s*\()/g)) {
      const replaced = (word) => out.slice(0, index) + word + out.slice(index + 6);
      if (!isCode(replaced("@@@@@@"))) out = replaced("$mport");
    }
    return out;
  }
  hidden("$mport", (name, options) => {
    const filename = join(process.cwd(), "run.js");
    const importModuleDynamically = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    if (importModuleDynamically) {
      const load = new vm.Script("(name, options) => import(name, options)", {
        filename,
        importModuleDynamically,
      });
      // Of what Node.js calls experimental the code knows nothing.
      const { emitWarning } = process;
      process.emitWarning = () => {};
      try {
        return load.runInThisContext()(name, options);
      } finally {
        process.emitWarning = emitWarning;
      }
    }
    if (/^\.{0,2}\//.test(name)) return import(new URL(name, pathToFileURL(filename)));
    try {
      name = createRequire(filename).resolve(name);
      return import(name.startsWith("/") ? pathToFileURL(name) : name);
    } catch {
      return import(name);
    }
  });

  let count = 0;
  /** Runs the source. Answers with its value, or the error that it ends with. */
  async function evaluate(source) {
    const name = `run-${++count}.js`;
    hidden("require", createRequire(join(process.cwd(), "run.js")));
    const expression = `${withImports(source)}\n//# sourceURL=${name}`;
    const done = post("Runtime.evaluate", { expression, replMode: true, awaitPromise: true });
    // An evaluation fails where it was ended from outside.
    const { result, exceptionDetails } = await done.catch(() => ({ exceptionDetails: {} }));
    if (!exceptionDetails) return { value: await valueFrom(result) };
    if (!exceptionDetails.exception) return INTERRUPTED;
    return thrown(await valueFrom(exceptionDetails.exception), exceptionDetails, name);
  }

  async function run() {
    const before = { ...process.env };
    const here = process.cwd();
    let added = [];
    let ended;
    try {
      const request = fs.readFileSync(running, "utf8");
      const at = request.indexOf("\0\0");
      const [cwd, ...variables] = request.slice(0, at).split("\0");
      if (cwd) process.chdir(cwd);
      added = variables;
      for (const one of added) process.env[nameOf(one)] = one.slice(nameOf(one).length + 1);
      const interrupted = new Promise((resolve) => (interrupt = resolve));
      tell(READY);
      ended = await Promise.race([interrupted, evaluate(request.slice(at + 2))]);
      if (cwd) process.chdir(here);
    } catch (error) {
      ended = thrown(error, {}, "");
    }
    interrupt = undefined;
    for (const key of added.map(nameOf)) {
      if (key in before) process.env[key] = before[key];
      else delete process.env[key];
    }
    if (ended.error) tell(ended);
    else if (ended.value !== undefined) display(ended.value);
    tell(END);
  }

  let last = Promise.resolve();
  lines(3, () => (last = last.then(run))).on("close", () => process.exit());
}

if (role) code();
else supervise();
