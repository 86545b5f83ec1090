// The tree of files: directories are read when they are opened. By keyboard as trees are: arrows, Home, End, Enter, letters.
import { make } from "../dom.js";
import { inWords } from "../errors.js";
import { bytes } from "../format.js";
import { sleep } from "../retry.js";
import { isDirectory, parentOf } from "./listing.js";

/** @typedef {import("../types.d.ts").Entry} Entry */
/** @typedef {import("../types.d.ts").Listing} Listing */
/** @typedef {{ element: HTMLElement, entry: Entry }} Row */

/** Much may happen at once. */
const SETTLES_MS = 150;

export class FileTree {
  #element;
  #list;
  #onSelect;
  #onOpen;
  /**
   * The opened directories, with what they have.
   *
   * @type {Map<string, Listing>}
   */
  #open = new Map();
  /** @type {Entry} */
  #root;
  /** @type {Entry | undefined} */
  #selected;
  /** @type {Row[]} */
  #rows = [];
  /**
   * The opened directories in which something has happened since they were read.
   *
   * @type {Set<string>}
   */
  #changed = new Set();
  #isCatchingUp = false;
  /**
   * The last reading of each, by its number: of two the later counts.
   *
   * @type {Map<string, number>}
   */
  #readings = new Map();
  #count = 0;

  /**
   * `list(path)` reads a directory; `onOpen(entry)` is for a file that was entered.
   *
   * @param {HTMLElement} element
   * @param {{
   *   root: string,
   *   list: (path: string) => Promise<Listing>,
   *   onSelect: (entry: Entry) => void,
   *   onOpen: (entry: Entry) => void,
   * }} options
   */
  constructor(element, { root, list, onSelect, onOpen }) {
    this.#element = element;
    this.#list = list;
    this.#onSelect = onSelect;
    this.#onOpen = onOpen;
    this.#root = { name: root, path: root, type: "directory", size: 0 };
    this.#open.set(root, { entries: [] });
    element.addEventListener("click", (event) => this.#clicked(event));
    element.addEventListener("keydown", (event) => this.#pressed(event));
    element.addEventListener("focusin", (event) => this.#focused(event));
  }

  get selected() {
    return this.#selected ?? this.#root;
  }

  /**
   * Something happened in the sandbox. Where it is shown, that is read anew: what was read before may be neither what the
   * event is told after, nor what it leads to.
   *
   * @param {import("../types.d.ts").Change} event
   */
  async take(event) {
    for (const path of parentsOf(event)) if (this.#open.has(path)) this.#changed.add(path);
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    while (this.#changed.size > 0) {
      await sleep(SETTLES_MS);
      const paths = [...this.#changed];
      this.#changed.clear();
      await Promise.all(paths.map((path) => this.#read(path).catch(() => {})));
      this.#prune();
      this.#render();
    }
    this.#isCatchingUp = false;
  }

  /**
   * Reads an opened directory.
   *
   * @param {string} path
   */
  async #read(path) {
    const number = ++this.#count;
    this.#readings.set(path, number);
    /** @param {Listing} found */
    const take = (found) => {
      // It may have been closed meanwhile.
      if (this.#open.has(path) && this.#readings.get(path) === number) this.#open.set(path, found);
    };
    try {
      take(await this.#list(path));
    } catch (error) {
      // What was there is still worth showing.
      take({ entries: this.#listing(path).entries, problem: inWords(error) });
      throw error;
    }
  }

  /** Reads all opened directories anew; rejects when the root cannot be read. */
  async refresh() {
    const paths = [...this.#open.keys()];
    const [ofRoot] = await Promise.allSettled(paths.map((path) => this.#read(path)));
    this.#prune();
    this.#render();
    if (ofRoot.status === "rejected") throw ofRoot.reason;
  }

  /**
   * What an opened directory has.
   *
   * @param {string} path
   */
  #listing(path) {
    return this.#open.get(path) ?? { entries: [] };
  }

  /** Forgets directories that are not there any more. */
  #prune() {
    const there = new Set([this.#root.path]);
    for (const { entries } of this.#open.values()) for (const { path } of entries) there.add(path);
    for (const path of this.#open.keys()) if (!there.has(path)) this.#open.delete(path);
    if (!there.has(this.#selected?.path ?? "")) this.#select(undefined);
  }

  /** @param {Entry} entry */
  async #toggle(entry, open = !this.#open.has(entry.path)) {
    if (!isDirectory(entry) || entry === this.#root) return;
    if (!open) {
      for (const path of this.#open.keys()) {
        if (path === entry.path || path.startsWith(`${entry.path}/`)) this.#open.delete(path);
      }
    } else {
      this.#open.set(entry.path, { entries: [], reading: true });
      this.#render();
      await this.#read(entry.path).catch(() => {});
    }
    this.#render();
  }

  /** @param {Entry} [entry] */
  #select(entry) {
    this.#selected = entry;
    for (const { element, entry: of } of this.#rows) {
      element.setAttribute("aria-selected", `${of.path === entry?.path}`);
      element.tabIndex = of.path === (entry ?? this.#rows[0]?.entry)?.path ? 0 : -1;
    }
    this.#onSelect(this.selected);
  }

  #render() {
    const focused = this.#rowAt({ target: document.activeElement })?.entry.path;
    this.#rows = [];
    this.#element.replaceChildren(...this.#children(this.#root.path, 1));
    this.#select(this.#selected);
    if (focused) (this.#rowOf(focused) ?? this.#rows[0])?.element.focus();
  }

  /**
   * The rows of a directory, and below each that is open those of it: one list, in which each row tells its level.
   *
   * @param {string} path
   * @param {number} level
   * @returns {HTMLElement[]}
   */
  #children(path, level) {
    const { entries, more, reading, problem } = this.#listing(path);
    /** @param {string} text */
    const note = (text) => make("li", { role: "none", className: "tree-note", style: indent(level) }, text);
    const items = entries.flatMap((entry, index) => {
      const open = this.#open.has(entry.path);
      const item = this.#item(entry, { level, index, count: entries.length, open });
      return open ? [item, ...this.#children(entry.path, level + 1)] : [item];
    });
    if (reading) items.push(note("Reading…"));
    else if (problem) items.push(note(problem));
    else if (entries.length === 0 && level > 1) items.push(note("Empty"));
    if (more) items.push(note("There is more than is shown here."));
    return items;
  }

  /**
   * @param {Entry} entry
   * @param {{ level: number, index: number, count: number, open: boolean }} place
   */
  #item(entry, { level, index, count, open }) {
    const icon = `tree-icon ${isDirectory(entry) ? "is-directory" : "is-file"}`;
    const element = make(
      "li",
      {
        role: "treeitem",
        className: "tree-row",
        style: indent(level),
        "aria-level": level,
        "aria-setsize": count,
        "aria-posinset": index + 1,
        "aria-expanded": isDirectory(entry) ? `${open}` : undefined,
        tabIndex: -1,
      },
      make("span", { className: icon, "aria-hidden": "true" }),
      make("span", { className: "tree-name", title: entry.name }, entry.name),
      !isDirectory(entry) && make("span", { className: "tree-size" }, bytes(entry.size)),
    );
    this.#rows.push({ element, entry });
    return element;
  }

  /** @param {string} path */
  #rowOf(path) {
    return this.#rows.find(({ entry }) => entry.path === path);
  }

  /** @param {{ target: EventTarget | null }} event */
  #rowAt({ target }) {
    const element = /** @type {Partial<Element> | null} */ (target)?.closest?.("[role=treeitem]");
    return this.#rows.find((row) => row.element === element);
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const row = this.#rowAt(event);
    if (row && row.entry.path !== this.#selected?.path) this.#select(row.entry);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const row = this.#rowAt(event);
    if (!row) return;
    row.element.focus();
    this.#select(row.entry);
    this.#toggle(row.entry);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const row = this.#rowAt(event);
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#rows.indexOf(row);
    /** @param {number} index */
    const go = (index) => this.#rows[index]?.element.focus();
    const { entry } = row;
    const open = this.#open.has(entry.path);
    /** @type {Record<string, () => unknown>} */
    const moves = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(this.#rows.length - 1),
      ArrowRight: () => (open ? go(at + 1) : this.#toggle(entry, true)),
      ArrowLeft: () =>
        open ? this.#toggle(entry, false) : this.#rowOf(parentOf(entry.path))?.element.focus(),
      Enter: () => (isDirectory(entry) ? this.#toggle(entry) : this.#onOpen(entry)),
      " ": () => (isDirectory(entry) ? this.#toggle(entry) : this.#select(entry)),
    };
    const move = moves[event.key] ?? (event.key.length === 1 && (() => this.#jump(at, event.key)));
    if (!move) return;
    event.preventDefault();
    move();
  }

  /**
   * To the next row whose name begins with the letter.
   *
   * @param {number} at
   * @param {string} letter
   */
  #jump(at, letter) {
    const after = [...this.#rows.slice(at + 1), ...this.#rows.slice(0, at + 1)];
    const next = after.find(({ entry }) => entry.name.toLowerCase().startsWith(letter.toLowerCase()));
    next?.element.focus();
  }
}

/**
 * The directories in which something happened.
 *
 * @param {import("../types.d.ts").Change} event
 */
const parentsOf = (event) => [event.path, ...(event.type === "renamed" ? [event.from] : [])].map(parentOf);
/** @param {number} level */
const indent = (level) => `--level: ${level}`;
