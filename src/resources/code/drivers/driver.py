# The driver of a Python context: `driver.py <the context's directory>`. One process runs the code, the other takes requests,
# and carries what the code writes to whoever waits for the run: so output flows whatever the code does.
import sys

if sys.version_info < (3, 8):
    sys.exit("superserve:tool_missing:Python 3.8 or newer")

import ast
import base64
import builtins
import importlib.util
import io
import json
import linecache
import os
import select
import signal
import threading
import traceback
import types

# Of what waits to be read so much is held, then the code waits.
MOST_HELD = 1 << 20
# A representation that is longer is left out; of a text the beginning stays.
MOST_SHOWN = 16 << 20
MOST_TEXT = 1 << 20


def line(event):
    return json.dumps(event, allow_nan=False).encode() + b"\n"


# Told by what runs the code once an interrupt ends the run, and no further.
READY = b'{"ready": true}'
END = b'{"end": true}'


def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def failure(name, message, trace=""):
    return {"error": {"name": name, "message": message, "traceback": trace}}


class Supervisor:
    def __init__(self, home, requests, child, commands, events, streams):
        self.home, self.requests, self.child = home, requests, child
        self.running = os.path.join(home, "running")
        self.commands, self.events, self.streams = commands, events, streams
        self.queue, self.run, self.asker, self.out = [], None, None, None
        self.held, self.asked, self.told = bytearray(), b"", bytearray()
        self.is_ready = self.is_interrupted = self.is_over = self.is_lost = False
        for fd in (events, *streams):
            os.set_blocking(fd, False)

    def serve(self):
        while not self.is_lost or self.held:
            poll = select.poll()
            poll.register(self.requests, select.POLLIN)
            if self.held:
                poll.register(self.out, select.POLLOUT)
            if len(self.held) < MOST_HELD and not self.is_lost:
                for fd in (self.events, *self.streams):
                    poll.register(fd, select.POLLIN)
            ready = [fd for fd, _ in poll.poll(1000 if self.run else None)]
            if not ready:
                self.look()
            if self.held:
                self.write(b"")
            if self.requests in ready:
                self.ask()
            if any(fd in ready for fd in self.streams):
                self.carry(65536)
            if self.events in ready:
                self.hear()
            if self.is_over and not self.held:
                self.leave()
            if not self.run and not self.is_lost:
                self.begin()

    def ask(self):
        *lines, self.asked = (self.asked + os.read(self.requests, 65536)).split(b"\n")
        for what, run, *pids in (one.decode().split() for one in lines):
            if what == "run":
                # What a driver was asked for that is gone nobody waits for.
                if int(pids[0]) == os.getpid():
                    self.queue.append((run, int(pids[1])))
            elif self.run and run in ("*", self.run):
                self.interrupt()
            else:
                self.queue = [one for one in self.queue if one[0] != run]

    def interrupt(self):
        self.is_interrupted = True
        if self.is_ready and not self.is_over:
            os.killpg(self.child, signal.SIGINT)

    def look(self):
        """Interrupts a run that nobody waits for any more."""
        try:
            os.kill(self.asker, 0)
        except OSError:
            self.interrupt()

    def begin(self):
        while self.queue and not self.run:
            run, asker = self.queue.pop(0)
            path = os.path.join(self.home, "run-" + run)
            try:
                self.out = os.open(path + ".out", os.O_WRONLY | os.O_NONBLOCK)
                os.rename(path, self.running)
            except OSError:
                # Whoever asked for it is gone.
                self.leave()
                remove(path)
            else:
                self.run, self.asker = run, asker
                self.is_ready = self.is_interrupted = self.is_over = False
                self.write(line({"begin": True}))
                os.write(self.commands, b"\n")
            remove(path + ".out")

    def carry(self, most):
        """Tells what the code has written, so many bytes of each stream at most."""
        for name, fd in zip(("stdout", "stderr"), self.streams):
            left = most
            while left > 0:
                try:
                    piece = os.read(fd, 65536)
                except BlockingIOError:
                    break
                left -= len(piece)
                self.write(line({name: base64.b64encode(piece).decode()}))

    def hear(self):
        piece = os.read(self.events, 1 << 20)
        self.told += piece
        *lines, self.told = self.told.split(b"\n") if b"\n" in piece else [self.told]
        for event in lines:
            if event == READY:
                self.is_ready = True
                if self.is_interrupted:
                    self.interrupt()
                continue
            # What was written before it: no pipe holds more.
            self.carry(1 << 20)
            # A thread may show something once the run is over.
            if not self.is_over:
                self.write(event + b"\n")
                self.is_over = event == END
        if not piece:
            self.lose()

    def write(self, piece):
        if self.out is None:
            return
        self.held += piece
        try:
            while self.held:
                del self.held[: os.write(self.out, self.held[:65536])]
        except BlockingIOError:
            pass
        except OSError:
            self.leave()
            self.interrupt()

    def leave(self):
        """Nobody waits for more of the run."""
        if self.run and self.is_over:
            self.run = None
            remove(self.running)
        if self.out is not None:
            os.close(self.out)
        self.held, self.out = bytearray(), None

    def lose(self):
        """The process that ran the code has ended."""
        self.is_lost = True
        _, status = os.waitpid(self.child, 0)
        if os.WIFSIGNALED(status):
            how = "was ended by signal %d" % os.WTERMSIG(status)
        else:
            how = "ended with exit code %d" % os.WEXITSTATUS(status)
        self.carry(1 << 20)
        # From here on another driver may begin, which reads what this one did.
        remove(os.path.join(self.home, "pid"))
        if not self.is_over:
            self.write(line(failure("ContextEnded", "the process of the context " + how)) + END + b"\n")


class Interpreter:
    def __init__(self, commands, events, home):
        self.commands, self.events, self.home = commands, events, home
        self.pid, self.count, self.loop, self.lock = os.getpid(), 0, None, threading.Lock()
        self.is_running = self.is_telling = self.is_late = False
        signal.signal(signal.SIGINT, self.interrupted)
        os.register_at_fork(after_in_child=lambda: [os.close(fd) for fd in (commands, events)])
        for name, fd in (("stdout", 1), ("stderr", 2)):
            stream = open(fd, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
            setattr(sys, name, stream)
            setattr(sys, "__%s__" % name, stream)
        sys.argv, sys.path[0] = [""], ""
        os.environ.setdefault("MPLBACKEND", "Agg")
        sys.meta_path.insert(0, self)
        module = types.ModuleType("__main__")
        module.__builtins__ = builtins
        sys.modules["__main__"] = module
        self.names = module.__dict__
        builtins.display = self.display

    def serve(self):
        for _ in io.open(self.commands, closefd=False):
            try:
                told = self.run()
            except BaseException as error:
                told = error
            self.is_running = False
            if os.getpid() != self.pid:
                os._exit(0)
            if told:
                self.tell(self.error(told))
            for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
                try:
                    stream.flush()
                except Exception:
                    pass
            self.tell({"end": True})

    def interrupted(self, *_):
        self.is_late = self.is_telling
        if self.is_running and not self.is_telling:
            raise KeyboardInterrupt

    def tell(self, event):
        """Tells of something, the whole line whatever comes meanwhile."""
        data = line(event)
        with self.lock:
            self.is_telling = True
            while data and os.getpid() == self.pid:
                data = data[os.write(self.events, data) :]
            self.is_telling = False
        if self.is_late:
            self.is_late = False
            self.interrupted()

    def run(self):
        with open(os.path.join(self.home, "running"), "rb") as file:
            words, source = file.read().split(b"\0\0", 1)
        cwd, *added = words.split(b"\0")
        added = [one.split(b"=", 1) for one in added]
        source = source.decode(errors="replace")
        self.count += 1
        name = "<run %d>" % self.count
        linecache.cache[name] = len(source), None, source.splitlines(True), name
        before, here = os.environb.copy(), None
        try:
            if cwd:
                here = os.getcwd()
                os.chdir(cwd)
            os.environb.update(added)
            self.is_running = True
            self.tell({"ready": True})
            return self.evaluate(source, name)
        finally:
            self.is_running = False
            for key, _ in added:
                if key in before:
                    os.environb[key] = before[key]
                else:
                    os.environb.pop(key, None)
            if here:
                os.chdir(here)

    def evaluate(self, source, name):
        """Runs the source. Answers with what it throws, once what it has drawn is shown."""
        failed = value = None
        try:
            tree = compile(source, name, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            last = None
            if tree.body and isinstance(tree.body[-1], ast.Expr):
                last = ast.Expression(tree.body.pop().value)
            self.execute(compile(tree, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
            if last:
                value = self.execute(compile(last, name, "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
                if value is not None:
                    self.names["_"] = value
                    self.display(value)
        except BaseException as error:
            failed = error
        try:
            self.show()
        except BaseException as error:
            failed = failed or error
        return failed

    def execute(self, code):
        value = eval(code, self.names)
        if not code.co_flags & 0x80:
            return value
        import asyncio

        if not self.loop or self.loop.is_closed():
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        task = self.loop.create_task(value)
        try:
            return self.loop.run_until_complete(task)
        except BaseException:
            task.cancel()
            raise

    def error(self, error):
        is_ours = lambda one: one.tb_frame.f_code.co_filename == __file__
        trace = error.__traceback__
        while trace and is_ours(trace):
            trace = trace.tb_next
        inner = trace
        while inner and inner.tb_next:
            if is_ours(inner.tb_next):
                inner.tb_next = None
            inner = inner.tb_next
        try:
            text = "".join(traceback.format_exception(type(error), error, trace))
            message = str(error)
        except Exception:
            text = message = ""
        if isinstance(error, KeyboardInterrupt):
            return failure("Interrupted", "the run was interrupted", text[:MOST_TEXT])
        return failure(type(error).__name__, message[:MOST_TEXT], text[:MOST_TEXT])

    def display(self, *values):
        """Shows values as results of the run, in the forms that they have."""
        for value in values:
            self.tell({"result": self.forms(value)})

    def forms(self, value):
        found = {"text/plain": repr(value)}
        if type(value).__name__ == "Figure" and hasattr(value, "savefig"):
            found["image/png"] = self.picture(value)
        if isinstance(value, (dict, list)):
            found["application/json"] = value
        if not isinstance(value, type):
            bundle = getattr(value, "_repr_mimebundle_", None)
            if callable(bundle):
                try:
                    more = bundle(include=None, exclude=None)
                    found.update(more[0] if isinstance(more, tuple) else more or {})
                except Exception:
                    pass
            for name, kind in (
                ("html", "text/html"),
                ("markdown", "text/markdown"),
                ("latex", "text/latex"),
                ("svg", "image/svg+xml"),
                ("png", "image/png"),
                ("jpeg", "image/jpeg"),
                ("json", "application/json"),
            ):
                own = getattr(value, "_repr_%s_" % name, None)
                if kind in found and kind != "application/json" or not callable(own):
                    continue
                try:
                    form = own()
                except Exception:
                    continue
                form = form[0] if isinstance(form, tuple) else form
                if form is not None:
                    found[kind] = form
        return {kind: form for kind, form in map(self.form, found.items()) if form is not None}

    def form(self, pair):
        kind, form = pair
        if isinstance(form, (bytes, bytearray)):
            form = base64.b64encode(form).decode()
        if kind == "text/plain":
            form = str(form)[:MOST_TEXT]
        try:
            if len(line(form)) > MOST_SHOWN:
                form = None
        except (TypeError, ValueError, RecursionError):
            form = None
        return kind, form

    def picture(self, figure):
        data = io.BytesIO()
        figure.savefig(data, format="png", bbox_inches="tight")
        plots = sys.modules.get("matplotlib.pyplot")
        if plots:
            plots.close(figure)
        return data.getvalue()

    def show(self):
        """Shows the figures that are open, and closes them."""
        plots = sys.modules.get("matplotlib.pyplot")
        for number in plots.get_fignums() if hasattr(plots, "get_fignums") else ():
            self.display(plots.figure(number))

    def find_spec(self, name, path=None, target=None):
        """Sees to it that `pyplot.show` shows."""
        if name != "matplotlib.pyplot":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                # A function: matplotlib sets its signature, which a method does not take.
                module.show = lambda *_, **__: self.show()

            spec.loader.exec_module = exec_module
        return spec


def begun(pid):
    """When a process began, by which its number is told from a later one's."""
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(") ")[2].split()[19]


def main(home):
    requests = os.open(os.path.join(home, "requests"), os.O_RDWR | os.O_NONBLOCK)
    commands, events, stdout, stderr = (os.pipe() for _ in range(4))
    child = os.fork()
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    if child == 0:
        os.setpgid(0, 0)
        os.dup2(stdout[1], 1)
        os.dup2(stderr[1], 2)
        for fd in (requests, commands[1], events[0], *stdout, *stderr):
            os.close(fd)
        Interpreter(commands[0], events[1], home).serve()
        os._exit(0)
    for fd in (commands[0], events[1]):
        os.close(fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(os.path.join(home, "pid.new"), "w") as file:
        file.write("%d %s %d %s\n" % (os.getpid(), begun(os.getpid()), child, begun(child)))
    os.rename(file.name, os.path.join(home, "pid"))
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    Supervisor(home, requests, child, commands[1], events[0], (stdout[0], stderr[0])).serve()


main(sys.argv[1])
