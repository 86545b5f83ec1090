const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

globalThis.app = (connection) => {
  worker.postMessage(connection);
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { value, error } }) => (error ? reject(error) : resolve(value));
    worker.onerror = ({ message }) => reject(new Error(`the worker: ${message}`));
  });
};
