// Work that mostly waits, side by side.

/**
 * Calls `work` for every item, `atOnce` at a time; fails as the first that failed, once all under way have ended.
 *
 * @template Item
 * @param {Iterable<Item>} items
 * @param {(item: Item) => unknown} work
 */
export async function each(items, work, atOnce = 8) {
  const left = [...items];
  /** @type {unknown[]} */
  const failures = [];
  const worker = async () => {
    while (left.length > 0 && failures.length === 0) {
      await Promise.resolve(/** @type {Item} */ (left.shift()))
        .then(work)
        .catch((error) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) throw failures[0];
}
