// Output that a model is to see, of which no more is kept than it sees.

/** A text that grows. Where it gets longer than `most` characters, the middle is left out. */
export class Kept {
  #most;
  #start = "";
  #end = "";
  #length = 0;

  /** @param {number} most */
  constructor(most) {
    this.#most = most;
  }

  /** @param {string} text */
  add(text) {
    this.#length += text.length;
    const room = Math.ceil(this.#most / 2) - this.#start.length;
    this.#start += text.slice(0, room);
    this.#end += text.slice(room);
    const excess = this.#end.length - Math.floor(this.#most / 2);
    if (excess > 0) this.#end = this.#end.slice(excess);
  }

  get text() {
    const left = this.#length - this.#start.length - this.#end.length;
    // A cut may be within a character.
    const start = this.#start.toWellFormed();
    return left > 0
      ? `${start}\n[${left} characters are left out]\n${this.#end.toWellFormed()}`
      : this.#start + this.#end;
  }
}
