// A ticket that is bound to a folder. What a page reads or writes there passes through a directory that it cannot reach:
// the service itself follows every symbolic link, and a page could turn one while it does.
import { segmentsOf } from "./paths.js";
import { freshName } from "./scripts.js";

/** @import { Exchange } from "./exchange.js" */
/** @import { Service } from "./service.js" */

/** A file or directory under way, by a name that nobody can guess. */
export class Staged {
  #name = freshName();
  #service;
  #id;
  #root;
  #path;

  /**
   * It is gone when the exchange ends.
   *
   * @param {Service} service
   * @param {string} id
   * @param {string} root
   * @param {string} path
   * @param {Exchange} exchange
   */
  constructor(service, id, root, path, exchange) {
    this.#service = service;
    this.#id = id;
    this.#root = root;
    this.#path = path;
    this.signal = exchange.signal;
    exchange.onEnd(() => {
      this.#do("drop", new AbortController().signal).catch(() => {});
    });
  }

  /** Where it is for the service. */
  get path() {
    const segments = segmentsOf(this.#path);
    return `/tmp/superserve-${this.#name}/${segments[segments.length - 1]}`;
  }

  /**
   * Sees to it that it can be read there, or written.
   *
   * @param {"read" | "zip" | "write"} how
   */
  prepare(how) {
    return this.#do(how, this.signal);
  }

  /** Gives it its place in the folder. */
  place() {
    return this.#do("place", this.signal);
  }

  /**
   * @param {string} step
   * @param {AbortSignal} signal
   */
  #do(step, signal) {
    const fields = { step, path: this.#path, name: this.#name };
    return this.#service.stage(this.#id, fields, this.#root, signal);
  }
}
