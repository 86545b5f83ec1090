# A terminal that outlives those who look at it. `helper.py MODE DIRECTORY` looks at the one of that directory, and makes it
# first where there is none: a shell, on a terminal in the mode that `stty -g` has told, and a server that holds this, keeps
# what it has shown last and listens at `socket`. Its own terminal is raw.
#
# A viewer sends frames: a letter, two bytes that say how long it is, and its bytes. `i` is what was typed, `r` the size of its
# screen, which comes first. It is sent what it has to show, and nothing else. Other versions of this file speak the same.
import fcntl, os, pty, re, select, signal, socket, struct, sys, termios, time

# What is kept of the screen, and of the alternate one.
KEPT = 65536
# A viewer for whom as much waits has the program wait, so long at most; then it gets the screen anew once it reads.
FULL = 262144
PATIENCE = 2
# How long the shell may take to end, and viewers to read the last of it.
GRACE = 2

# What is not only shown: modes, the alternate screen, questions, which nobody is to answer twice, and the end of all before.
SPECIAL = re.compile(
    rb"\x1b(?:[=>c]|\[(?:\?[0-9;]*[hl]|[0-9]* q|[0-9;?>=]*(?:[cnt]|\$p)|>[0-9]*q|H\x1b\[2J\x1b\[3J)"
    rb"|\][0-9;a-z]*\?(?:\x07|\x1b\\)|P[$+]q[^\x1b]*\x1b\\)"
)
# What may be the beginning of such.
PART = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\[H\x1b(?:\[(?:2(?:J(?:\x1b(?:\[3?)?)?)?)?)?|[\]P][^\x07\x1b]*\x1b?)?\Z")
LONGEST_PART = 256
MODES = re.compile(rb"\x1b\[\?([0-9;]*)([hl])")
ALTERNATE = {b"47", b"1047", b"1049"}


class Kept(bytearray):
    # Whether something of it was thrown away.
    is_cut = False

    # The last of it, in whole lines.
    def last(self):
        end = self[-KEPT:]
        return end[end.find(b"\n") + 1 :] if len(self) > KEPT else end


class Screen:
    # What it takes to show to another what has been shown.
    def __init__(self):
        self.reset()
        self.part = b""

    def reset(self):
        self.main = Kept()
        self.alternate = None
        self.modes = {}

    def feed(self, data):
        data = self.part + data
        found = PART.search(data, max(0, len(data) - LONGEST_PART))
        end = found.start() if found else len(data)
        self.part = data[end:]
        at = 0
        for found in SPECIAL.finditer(data, 0, end):
            self.keep(data[at : found.start()])
            self.obey(found.group())
            at = found.end()
        self.keep(data[at:end])

    def keep(self, data):
        kept = self.present()
        kept += data
        if len(kept) > 2 * KEPT:
            kept[:] = kept.last()
            kept.is_cut = True

    def present(self):
        return self.main if self.alternate is None else self.alternate

    def obey(self, sequence):
        modes = MODES.fullmatch(sequence)
        if sequence == b"\x1bc":
            self.reset()
        elif sequence.endswith(b"\x1b[3J"):
            # All is gone, and the cursor at the beginning. A program that has the other screen clears that.
            if self.alternate is None:
                self.main = Kept()
            else:
                self.keep(sequence)
        elif modes:
            names, state = modes.groups()
            for name in names.split(b";"):
                if name not in ALTERNATE:
                    self.keep(b"\x1b[?" + name + state)
                    self.modes[name] = b"\x1b[?" + name + state
                elif state == b"l":
                    self.alternate = None
                elif self.alternate is None:
                    self.alternate = Kept()
        elif sequence[1:] in (b"=", b">"):
            self.modes[b"keypad"] = sequence
        elif sequence.endswith(b" q"):
            self.modes[b"cursor"] = sequence

    def whole(self):
        out = b"\x1bc" + self.main.last()
        if self.alternate is not None:
            out += b"\x1b[?1049h" + self.alternate.last()
        return out + b"".join(self.modes.values()) + self.part


class Viewer:
    def __init__(self, peer):
        self.peer = peer
        self.said = bytearray()
        self.waiting = bytearray()
        self.size = None
        # Since when it has read nothing while it could.
        self.since = 0
        self.is_lost = False


class Server:
    def __init__(self, listener, shell, master, size):
        self.listener, self.shell, self.master, self.size = listener, shell, master, size
        self.screen = Screen()
        self.typed = bytearray()
        # The last of them is the one that did something last.
        self.viewers = []
        self.made = int(time.time())
        self.told = None
        self.killing = None

    def run(self):
        alarm, ring = os.pipe()
        for end in (alarm, ring, self.master, self.listener.fileno()):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(ring)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self.hang_up())
        while not os.waitpid(self.shell, os.WNOHANG)[0]:
            self.tell()
            is_full = self.is_full()
            poll = select.poll()
            poll.register(alarm, select.POLLIN)
            poll.register(self.listener, select.POLLIN)
            events = (0 if is_full else select.POLLIN) | (select.POLLOUT if self.typed else 0)
            if events:
                poll.register(self.master, events)
            for viewer in self.viewers:
                events = select.POLLIN if len(self.typed) < FULL else 0
                poll.register(viewer.peer, events | (select.POLLOUT if viewer.waiting or viewer.is_lost else 0))
            ready = dict(poll.poll(1000 if is_full or self.killing else None))
            if alarm in ready:
                os.read(alarm, 4096)
            if self.listener.fileno() in ready:
                self.welcome()
            for viewer in list(self.viewers):
                self.attend(viewer, ready.get(viewer.peer.fileno(), 0))
            events = ready.get(self.master, 0)
            if events & select.POLLOUT:
                self.type()
            if events & ~select.POLLOUT:
                self.show()
            if self.killing and time.monotonic() > self.killing:
                os.kill(self.shell, signal.SIGKILL)
        self.end()

    def is_full(self):
        now = time.monotonic()
        for viewer in self.viewers:
            if len(viewer.waiting) > FULL and now - viewer.since > PATIENCE:
                viewer.is_lost = True
                viewer.waiting.clear()
        return any(len(viewer.waiting) > FULL for viewer in self.viewers)

    def hang_up(self):
        self.killing = time.monotonic() + GRACE
        for end in (lambda: os.killpg(os.tcgetpgrp(self.master), signal.SIGHUP), lambda: os.kill(self.shell, signal.SIGHUP)):
            try:
                end()
            except OSError:
                pass

    # What is left of its output is shown, and nobody can come any more.
    def end(self):
        os.unlink("socket")
        while self.show():
            pass
        end = time.monotonic() + GRACE
        for viewer in self.viewers:
            viewer.peer.settimeout(max(0.01, end - time.monotonic()))
            try:
                viewer.peer.sendall(viewer.waiting)
            except OSError:
                pass
        os.unlink("info")

    def welcome(self):
        try:
            peer, _ = self.listener.accept()
        except OSError:
            return
        peer.setblocking(False)
        self.viewers.insert(0, Viewer(peer))

    def attend(self, viewer, events):
        try:
            if events & ~select.POLLOUT:
                data = viewer.peer.recv(65536)
                if not data:
                    raise ConnectionError
                viewer.said += data
                self.hear(viewer)
            if events & select.POLLOUT:
                if viewer.is_lost:
                    viewer.is_lost = False
                    self.give(viewer, self.screen.whole())
                del viewer.waiting[: viewer.peer.send(viewer.waiting)]
                viewer.since = time.monotonic()
        except BlockingIOError:
            pass
        except OSError:
            viewer.peer.close()
            self.viewers.remove(viewer)
            if self.viewers:
                self.fit(self.viewers[-1].size)

    def give(self, viewer, data):
        if not viewer.waiting:
            viewer.since = time.monotonic()
        viewer.waiting += data

    def hear(self, viewer):
        while len(viewer.said) > 2:
            kind, length = struct.unpack_from(">cH", viewer.said)
            if len(viewer.said) < 3 + length:
                return
            data = bytes(viewer.said[3 : 3 + length])
            del viewer.said[: 3 + length]
            self.viewers.remove(viewer)
            self.viewers.append(viewer)
            if kind == b"i":
                self.typed += data
                self.fit(viewer.size)
            elif kind == b"r" and length == 4:
                is_new = viewer.size is None
                viewer.size = struct.unpack(">HH", data)
                if is_new:
                    self.give(viewer, self.screen.whole())
                self.fit(viewer.size, is_new)

    # The terminal gets that size. For somebody who comes a program that fills the screen draws it anew, if there may be more on
    # it than is kept.
    def fit(self, size, for_new=False):
        if size and size != self.size:
            self.size = size
            resize(self.master, size)
        elif for_new and self.screen.present().is_cut:
            try:
                group = os.tcgetpgrp(self.master)
                if group != self.shell and not termios.tcgetattr(self.master)[3] & termios.ICANON:
                    os.killpg(group, signal.SIGWINCH)
            except (OSError, termios.error):
                pass

    def type(self):
        try:
            del self.typed[: os.write(self.master, self.typed[:4096])]
        except BlockingIOError:
            pass
        except OSError:
            self.typed.clear()

    def show(self):
        try:
            data = os.read(self.master, 65536)
        except BlockingIOError:
            return False
        except OSError:
            # Nobody has it open for now.
            time.sleep(0.01)
            return False
        self.screen.feed(data)
        for viewer in self.viewers:
            if viewer.size and not viewer.is_lost:
                self.give(viewer, data)
        return True

    def tell(self):
        cols, rows = self.size
        viewers = sum(1 for viewer in self.viewers if viewer.size)
        known = (self.made, viewers, cols, rows, self.shell, os.getpid())
        if known != self.told:
            try:
                with open("info.new", "w") as file:
                    print(*known, file=file)
                os.rename("info.new", "info")
                self.told = known
            except OSError:
                # What runs does not end since a disk is full.
                pass


def resize(end, size):
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))


def size_of(end):
    rows, cols, _, _ = struct.unpack("HHHH", fcntl.ioctl(end, termios.TIOCGWINSZ, b"\0" * 8))
    return cols or 80, rows or 24


# A connection to the terminal of this directory. Of two who come at once the second waits, and finds it there.
def join(home):
    lock = os.open("lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    peer = socket.socket(socket.AF_UNIX)
    try:
        peer.connect("socket")
    except (FileNotFoundError, ConnectionRefusedError):
        try:
            os.unlink("socket")
        except FileNotFoundError:
            pass
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("socket")
        listener.listen(16)
        mode, size = termios.tcgetattr(0), size_of(0)
        mode[:4] = (int(flags, 16) for flags in sys.argv[1].split(":")[:4])
        # Whoever looks may go while this is made.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if os.fork() == 0:
            os.close(lock)
            peer.close()
            serve(listener, home, mode, size)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        listener.close()
        peer.connect("socket")
    fcntl.flock(lock, fcntl.LOCK_UN)
    os.close(lock)
    return peer


def serve(listener, home, mode, size):
    code = 1
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for end in range(3):
            os.dup2(nothing, end)
        os.close(nothing)
        shell, master = pty.fork()
        if shell == 0:
            for one in (signal.SIGHUP, signal.SIGPIPE, signal.SIGINT):
                signal.signal(one, signal.SIG_DFL)
            termios.tcsetattr(0, termios.TCSANOW, mode)
            resize(0, size)
            os.chdir(home)
            os.execv("/bin/bash", ["/bin/bash"])
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        Server(listener, shell, master, size).run()
        code = 0
    finally:
        os._exit(code)


def view(peer):
    alarm, ring = os.pipe()
    for end in (0, 1, alarm, ring):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(ring)
    signal.signal(signal.SIGWINCH, lambda *_: None)
    waiting = b""

    def send(kind, data):
        peer.sendall(struct.pack(">cH", kind, len(data)) + data)

    send(b"r", struct.pack(">HH", *size_of(0)))
    while True:
        poll = select.poll()
        poll.register(alarm, select.POLLIN)
        poll.register(0, select.POLLIN)
        poll.register(1, select.POLLOUT if waiting else 0)
        if not waiting:
            poll.register(peer, select.POLLIN)
        ready = dict(poll.poll())
        if alarm in ready:
            os.read(alarm, 4096)
            send(b"r", struct.pack(">HH", *size_of(0)))
        if 0 in ready:
            data = os.read(0, 4096)
            if not data:
                return
            send(b"i", data)
        if waiting and 1 in ready:
            waiting = waiting[os.write(1, waiting) :]
        elif peer.fileno() in ready:
            waiting = peer.recv(65536)
            if not waiting:
                return


def main():
    home = os.getcwd()
    os.chdir(sys.argv[2])
    try:
        view(join(home))
    except OSError:
        pass


main()
