import assert from "node:assert/strict";
import { test } from "node:test";

import { discounted, total } from "./price.mjs";

test("a basket costs what is in it", () => {
  assert.equal(
    total([
      { cents: 250, count: 2 },
      { cents: 1, count: 3 },
    ]),
    503,
  );
});

test("a hundred euros are enough for the discount", () => {
  assert.equal(discounted(9_999), 9_999);
  assert.equal(discounted(10_000), 9_000);
});
