// Lists that are read page by page, as things to be iterated.
import { BY_OFFSET } from "#constants";
import { operations } from "#tables";
import { invalid } from "./errors.js";
import { describe, header } from "./failures.js";
import { module } from "./module.js";

/** @typedef {import("./arguments.js").Arguments} Arguments */

/**
 * The list of an operation. `begin` makes the arguments of a page, and `read` reads it.
 *
 * @param {number} number
 * @param {() => Arguments} begin
 * @param {(given: Arguments) => any} read
 */
export function listing(number, begin, read) {
  const isByOffset = operations[number].pages === BY_OFFSET;
  /** @type {number | undefined} What the newest page says; not a number where that says nothing. */
  let total;
  /** @type {(given: Arguments, page?: Record<string, unknown>) => Promise<any>} */
  const next = async (given, page) => {
    given.page = page;
    const items = await read(given);
    total = given.answer && parseInt(header(given.answer, "X-Total-Count") ?? "", 10);
    return items;
  };
  return {
    async *[Symbol.asyncIterator]() {
      const seen = new Set();
      let offset = 0;
      let barren = 0;
      /** @type {Record<string, unknown> | undefined} */
      let page;
      do {
        const given = begin();
        const answer = await next(given, page);
        const { wire, signal } = given;
        /** @type {{ id: unknown }[]} */
        const items = answer.events ?? answer;
        let fresh = items;
        page = undefined;
        if (isByOffset) {
          fresh = items.filter(({ id }) => !seen.has(id));
          const isJoined = seen.has(items[0]?.id);
          barren = fresh.length > 0 ? 0 : barren + 1;
          const to = module.next_page(offset, wire.limit, items.length, barren, isJoined, total ?? NaN);
          if (to >= 0) page = { offset: to };
          const isTorn = to < offset;
          offset = to;
          if (isTorn) continue;
        } else if (answer.hasMore ?? items.length > 0) {
          page = { before: answer.events ? answer.nextCursor : items[items.length - 1].id };
        }
        for (const item of fresh) {
          // Then it rejects, without a request.
          if (signal?.aborted) await read(given);
          seen.add(item.id);
          yield item;
        }
        if (page && "before" in page && (page.before ?? wire.before) === wire.before) {
          const error = invalid("does not lead to the next page");
          describe(error, given, "", "");
          throw error;
        }
      } while (page);
    },
    async total() {
      if (isByOffset && total === undefined) await next(begin(), { limit: 1 });
      return Number(total) >= 0 ? total : undefined;
    },
  };
}
