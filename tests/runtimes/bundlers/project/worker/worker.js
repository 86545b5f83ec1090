import "../app/main.js";

addEventListener("message", async ({ data }) => {
  try {
    postMessage({ value: await globalThis.app(data) });
  } catch ({ name, message }) {
    postMessage({ error: { name, message } });
  }
});
