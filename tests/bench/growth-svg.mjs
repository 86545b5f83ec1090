// Draws what growth.mjs measured: node growth-svg.mjs <bench-growth.json> <svg>
import { readFileSync, writeFileSync } from "node:fs";

import { GROWTH } from "./report.mjs";

/** @typedef {{ name: string, unit: string, of: string, sizes: number[], ours: number[], peer: number[] }} Row */

const TITLES = /** @type {Record<string, string>} */ ({
  "sse-ascii-100b": "Output in events of 100 bytes",
  "sse-escaped": "Output with escapes",
  "sse-nonascii": "Output that is not ASCII",
  "sse-streams": "Streams at once",
  create: "Creates at once",
  run: "Commands at once",
  list: "List of sandboxes",
  upload: "Upload of a file",
  download: "Download of a file",
});
const SIDES = /** @type {const} */ ([
  { side: "peer", label: "TypeScript package", colour: "#b45309", dash: "5 3" },
  { side: "ours", label: "this package", colour: "#1d4ed8", dash: "none" },
]);

const COLUMNS = 3;
const CELL = { width: 290, height: 204 };
/** Of a chart within its cell. */
const PLOT = { left: 56, top: 36, width: 218, height: 110 };
const HEAD = 88;
const FOOT = 14;
const GRID = "#d4d4d8";
const TEXT = "#27272a";
const FAINT = "#63636b";

const [from = "", to = ""] = process.argv.slice(2);
/** @type {Row[]} */
const rows = JSON.parse(readFileSync(from, "utf8"));

/** Costs as parts of the first. @param {number[]} costs */
const relative = (costs) => costs.map((cost) => cost / costs[0]);
/** The same scale for all charts, so that they can be compared. */
const most = Math.max(GROWTH, ...rows.flatMap(({ ours, peer }) => [...relative(ours), ...relative(peer)]));
const step = most > 4 ? 1 : 0.5;
const top = Math.ceil((most + 0.1) / step) * step;

/** @param {number} index */
const x = (index) => PLOT.left + 14 + (index * (PLOT.width - 28)) / 2;
/** @param {number} value */
const y = (value) => PLOT.top + PLOT.height * (1 - value / top);

/**
 * @param {number} atX
 * @param {number} atY
 * @param {string} content
 * @param {{ size?: number, fill?: string, anchor?: string, more?: string }} [how]
 */
function text(atX, atY, content, { size = 11, fill = TEXT, anchor = "start", more = "" } = {}) {
  return `<text x="${atX}" y="${atY}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${more}>${content}</text>`;
}

/** @param {number} atY @param {string} how */
const across = (atY, how) =>
  `<line x1="${PLOT.left}" x2="${PLOT.left + PLOT.width}" y1="${atY}" y2="${atY}" ${how}/>`;

/** @param {(typeof SIDES)[number]} side @param {number[]} costs */
function line({ colour, dash }, costs) {
  const points = relative(costs).map((value, index) => `${x(index)},${y(value).toFixed(1)}`);
  const dots = points.map((point) => {
    const [atX, atY] = point.split(",");
    return `<circle cx="${atX}" cy="${atY}" r="3" fill="${colour}"/>`;
  });
  const path = `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`;
  return path + dots.join("");
}

/** @param {Row} row @param {number} index */
function chart({ name, of, sizes, ...costs }, index) {
  const atX = (index % COLUMNS) * CELL.width;
  const atY = HEAD + Math.floor(index / COLUMNS) * CELL.height;
  const middle = PLOT.left + PLOT.width / 2;
  const parts = [text(PLOT.left, 20, TITLES[name] ?? name, { size: 13, more: ' font-weight="600"' })];
  for (let value = 0; value <= top; value += step) {
    parts.push(across(y(value), `stroke="${value === 1 ? FAINT : GRID}"`));
    parts.push(text(PLOT.left - 6, y(value) + 4, `${value}×`, { fill: FAINT, anchor: "end" }));
  }
  parts.push(across(y(GROWTH), 'stroke="#dc2626" stroke-dasharray="2 3"'));
  for (const at of sizes.keys()) {
    parts.push(text(x(at), PLOT.top + PLOT.height + 17, `${4 ** at}×`, { fill: FAINT, anchor: "middle" }));
  }
  const amounts = sizes.map((size) => size.toLocaleString("en"));
  const caption = `${amounts[0]}, ${amounts[1]} and ${amounts[2]} ${of}`;
  parts.push(text(middle, PLOT.top + PLOT.height + 35, caption, { fill: FAINT, anchor: "middle" }));
  if (index % COLUMNS === 0) {
    const turned = ` transform="rotate(-90 14 ${PLOT.top + PLOT.height / 2})"`;
    parts.push(
      text(14, PLOT.top + PLOT.height / 2, "cost of a unit", { fill: FAINT, anchor: "middle", more: turned }),
    );
  }
  for (const side of SIDES) parts.push(line(side, costs[side.side]));
  return `<g transform="translate(${atX} ${atY})">${parts.join("\n")}</g>`;
}

/** Each line's sample and name, and the goal's. */
function legend() {
  const goal = {
    label: `the goal: at most ${Math.round((GROWTH - 1) * 100)} % more`,
    colour: "#dc2626",
    dash: "2 3",
  };
  let atX = PLOT.left;
  return [...SIDES.toReversed(), goal].map(({ label, colour, dash }) => {
    const sample = `<line x1="${atX}" x2="${atX + 26}" y1="72" y2="72" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`;
    const name = text(atX + 33, 76, label, { size: 12 });
    atX += 60 + label.length * 6.5;
    return sample + name;
  });
}

const width = COLUMNS * CELL.width;
const height = HEAD + Math.ceil(rows.length / COLUMNS) * CELL.height + FOOT;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" role="img">
<title>The cost of a unit as there are more of them</title>
<rect width="${width}" height="${height}" rx="6" fill="#fcfcfd"/>
${text(PLOT.left, 32, "The cost of a unit as there are more of them", { size: 18, more: ' font-weight="600"' })}
${text(PLOT.left, 53, "Time for each MB, call, stream or sandbox, relative to that of the fewest: a flat line is linear growth. Lower is better.", { size: 12, fill: FAINT })}
${legend().join("\n")}
${rows.map(chart).join("\n")}
</svg>
`;
writeFileSync(to, svg);
