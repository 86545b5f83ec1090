// What a basket costs, in cents.

/** @param {{ cents: number, count: number }[]} basket */
export function total(basket) {
  return basket.reduce((sum, { cents, count }) => sum + cents * count, 0);
}

/** Ten percent less from a hundred euros on. @param {number} cents */
export function discounted(cents) {
  return cents > 10_000 ? Math.round(cents * 0.9) : cents;
}
