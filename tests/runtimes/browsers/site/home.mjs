// Tests patch it.
const { fetch } = globalThis;

/** Sends a message to the run that opened this page. */
export const tell = (message) => fetch("/messages", { method: "POST", body: JSON.stringify(message) });

export const fail = (error) => tell({ error: String(error?.stack ?? error) });
