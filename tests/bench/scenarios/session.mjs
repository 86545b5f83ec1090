// 64 MB through a session with a command that sends back what it gets, on the local server.
import { inChild } from "../child.mjs";
import { interleaved } from "../measure.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

export const session = {
  /** @param {Urls} urls */
  "session-echo": async (urls) => {
    const medians = await interleaved({ rounds: 7 }, async (side) => {
      // Before Node.js 22 a WebSocket has to be asked for.
      const { ms } = await inChild("session-echo.mjs", [urls[side]], ["--experimental-websocket"]);
      return ms;
    });
    return [{ unit: "ms", ...medians }];
  },
};
