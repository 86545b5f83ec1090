// The least that a client can do: it checks nothing, retries nothing and knows one kind of answer. `cargo xtask bench floors`
// has it in our place, which shows how much of a figure is the platform's.

const CONTROL = "https://api.superserve.ai";
const DATA = "https://data.superserve.ai";

/**
 * A request with a time limit, whose answer `read` reads.
 *
 * @template Value
 * @param {string} url
 * @param {RequestInit} init
 * @param {(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>, response: Response) => Promise<Value>} read
 */
async function request(url, init, read) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 60_000);
  try {
    const response = await fetch(url, { ...init, signal: controller.signal });
    return await read(/** @type {any} */ (response.body).getReader(), response);
  } finally {
    clearTimeout(timer);
  }
}

const decoder = new TextDecoder();

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
async function text(reader) {
  let whole = "";
  for (let part; !(part = await reader.read()).done; ) whole += decoder.decode(part.value);
  return whole;
}

/** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
const json = async (reader) => JSON.parse(await text(reader));

export class Sandbox {
  /** @type {Record<string, string>} */
  headers;

  /** @param {{ apiKey: string, name: string, timeoutSeconds?: number, metadata?: object }} options */
  static async create({ apiKey, name, timeoutSeconds, metadata }) {
    const headers = { "x-api-key": apiKey, "content-type": "application/json" };
    const body = JSON.stringify({ name, timeout_seconds: timeoutSeconds, metadata });
    const init = { method: "POST", headers, body };
    const raw = await request(`${CONTROL}/sandboxes`, init, json);
    return new Sandbox(raw, headers);
  }

  /**
   * @param {any} raw
   * @param {Record<string, string>} control
   */
  constructor(raw, control) {
    this.id = raw.id;
    this.control = control;
    this.headers = { "x-access-token": raw.access_token };
    const { headers } = this;
    this.commands = {
      /**
       * @param {string} command
       * @param {object} [options]
       */
      async run(command, options) {
        const body = JSON.stringify({ command, ...options });
        const streams = options !== undefined && "onStdout" in options;
        const url = streams ? `${DATA}/exec/stream` : `${DATA}/exec`;
        const init = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body };
        // What a stream's events say is not even looked at.
        if (streams) return { stdout: await request(url, init, text) };
        return request(url, init, json);
      },
      /**
       * @param {string} command
       * @param {{ onStdout(text: string): unknown }} options
       */
      async spawn(command, { onStdout }) {
        const url = `${DATA.replace("https", "wss")}/exec/connect`;
        const socket = new WebSocket(url, ["superserve.exec.v1", `token.${raw.access_token}`]);
        socket.binaryType = "arraybuffer";
        await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
        socket.send(JSON.stringify({ command }));
        let stdout = "";
        const result = new Promise((resolve) => {
          socket.onmessage = ({ data }) => {
            if (typeof data === "string")
              return resolve({ stdout, exitCode: JSON.parse(data).exit_code ?? 0 });
            const piece = decoder.decode(new Uint8Array(data, 1));
            stdout += piece;
            onStdout(piece);
          };
        });
        return {
          wait: () => result.finally(() => socket.close()),
          stdin: {
            /** @param {Uint8Array} bytes */
            write(bytes) {
              for (let at = 0; at < bytes.length; at += 32_768) {
                const piece = bytes.subarray(at, at + 32_768);
                const frame = new Uint8Array(piece.length + 1);
                frame.set(piece, 1);
                socket.send(frame);
              }
            },
            close: () => socket.send('{"type":"stdin_close"}'),
          },
        };
      },
    };
    this.files = {
      /** @param {string} path */
      read: (path) =>
        request(`${DATA}/files?path=${encodeURIComponent(path)}`, { headers }, async (reader, response) => {
          const bytes = new Uint8Array(Number(response.headers.get("content-length")));
          let at = 0;
          for (let part; !(part = await reader.read()).done; at += part.value.length)
            bytes.set(part.value, at);
          return bytes;
        }),
    };
  }

  async getInfo() {
    const raw = await request(`${CONTROL}/sandboxes/${this.id}`, { headers: this.control }, json);
    return { ...raw, createdAt: new Date(raw.created_at) };
  }

  async kill() {
    await fetch(`${CONTROL}/sandboxes/${this.id}`, { method: "DELETE", headers: this.control });
  }
}
