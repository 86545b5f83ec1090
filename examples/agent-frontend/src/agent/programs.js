// What the agent writes. Its first program has a fault that shows in the last round only.

const FAULT = "    percent = 100 * thrown // (TOTAL - thrown)";
const CURE = "    percent = 100 * thrown // TOTAL";

/** The line that is wrong, and what it becomes. */
export const fix = { before: FAULT, after: CURE };

export const darts = `import json
import math
import random
import time

TOTAL = 200_000
ROUNDS = 20

hits = thrown = 0
history = []
for number in range(1, ROUNDS + 1):
    for _ in range(TOTAL // ROUNDS):
        x, y = random.random(), random.random()
        hits += x * x + y * y <= 1
    thrown += TOTAL // ROUNDS
    estimate = 4 * hits / thrown
    history.append(estimate)
${FAULT}
    print(f"round {number:2}  pi = {estimate:.5f}  {percent:3} %")
    time.sleep(0.2)

with open("history.json", "w") as file:
    json.dump(history, file)
print(f"off by {abs(estimate - math.pi):.5f} in the end")
`;

export const serve = `import functools
import http.server
import json
import math
import os
import pathlib

history = json.loads(pathlib.Path("history.json").read_text())
low, high = min(*history, math.pi), max(*history, math.pi)


def height(value):
    return f"{150 - (value - low) / (high - low) * 140:.1f}"


step = 600 / (len(history) - 1)
line = " ".join(f"{index * step:.1f},{height(value)}" for index, value in enumerate(history))
page = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Estimating pi</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; margin: 1.5rem; max-width: 40rem }}
  h1 {{ font-size: 1.25rem; margin: 0 }}
  .value {{ font-size: 2.5rem; font-variant-numeric: tabular-nums; margin: 0 }}
  svg {{ width: 100%; height: auto }}
  .true {{ stroke: currentColor; stroke-dasharray: 4 4; opacity: .5 }}
  .line {{ fill: none; stroke: #3b7ddd; stroke-width: 2.5; stroke-linejoin: round }}
</style>
<h1>Estimate of pi</h1>
<p class="value" id="value">{history[-1]:.5f}</p>
<svg viewBox="0 0 600 160" role="img" aria-label="The estimate after each of {len(history)} rounds">
  <line class="true" x1="0" x2="600" y1="{height(math.pi)}" y2="{height(math.pi)}"/>
  <polyline class="line" points="{line}"/>
</svg>
<p>After {len(history)} rounds it is off by {abs(history[-1] - math.pi):.5f}. The dashed line is the true value.</p>
"""
site = pathlib.Path("site")
site.mkdir(exist_ok=True)
(site / "index.html").write_text(page)

handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="site")
for port in range(8000, 8100):
    try:
        server = http.server.ThreadingHTTPServer(("", port), handler)
        break
    except OSError:
        print(f"port {port} is taken")
print(f"serving on port {port}")
server.serve_forever()
`;
