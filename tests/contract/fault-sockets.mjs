// The WebSockets of a scripted server: refuse an upgrade, or accept it and play frames, closes and drops.

import { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";

import { bytesOf, offered, play, turn } from "./fault-script.mjs";

/** @typedef {import("node:http").IncomingMessage} IncomingMessage */
/** @typedef {import("./fault-script.mjs").End} End */
/** @typedef {import("./support/types.d.ts").Entry} Entry */
/** @typedef {import("./support/types.d.ts").Piece} Piece */
/** @typedef {import("./support/types.d.ts").Reply} Reply */

const FRAMES_KEPT_BYTES = 64 * 1024;

/**
 * Plays the script's reply to an upgrade.
 *
 * @param {import("./fault-script.mjs").Script} script
 * @param {IncomingMessage} request
 * @param {import("node:stream").Duplex} socket
 * @param {Buffer} head
 */
export async function playUpgrade(script, request, socket, head) {
  const protocols = offered(request);
  const { entry, end } = script.note(request, { protocols, frames: [], closed: null });
  script.sockets.add(socket);
  socket.on("close", () => {
    script.sockets.delete(socket);
    end("client");
  });
  socket.on("error", () => {});

  const reply = script.nextReply(request);
  const { frames } = reply;
  if (frames === undefined) return refuse(reply, request, socket, entry, end);
  if (reply.delayMs) await sleep(reply.delayMs);
  const { protocol = protocols[0] } = reply;
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => protocol ?? false });
  if (socket.destroyed) return;
  server.handleUpgrade(request, socket, head, (/** @type {any} */ ws) => {
    entry.status = 101;
    noteFrames(ws, entry);
    playFrames(frames, ws, socket, entry, end);
  });
}

/**
 * Any reply of a plain request will do: a status, silence, a reset.
 *
 * @param {Reply} reply
 * @param {IncomingMessage} request
 * @param {any} socket
 * @param {Entry} entry
 * @param {End} end
 */
function refuse(reply, request, socket, entry, end) {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  // Unread, a socket does not tell that its client has gone.
  socket.resume().on("end", () => socket.end());
  response.on("finish", () => {
    end("complete");
    socket.end();
  });
  return play(reply, response, entry, end);
}

/**
 * @param {any} ws
 * @param {Entry} entry
 */
function noteFrames(ws, entry) {
  let kept = 0;
  ws.on("message", (/** @type {Buffer} */ data, /** @type {boolean} */ isBinary) => {
    if (!isBinary) entry.frames.push({ type: "text", text: data.toString() });
    else {
      kept += data.length;
      const base64 = kept <= FRAMES_KEPT_BYTES ? data.toString("base64") : undefined;
      entry.frames.push({ type: "binary", bytes: data.length, base64 });
    }
    ws.emit("noted");
  });
  ws.on("close", (/** @type {number} */ code, /** @type {Buffer} */ reason) => {
    entry.closed = { code, reason: reason.toString() };
    ws.emit("noted");
  });
  ws.on("error", () => {});
}

/**
 * @param {Piece[]} frames
 * @param {any} ws
 * @param {any} socket
 * @param {Entry} entry
 * @param {End} end
 */
async function playFrames(frames, ws, socket, entry, end) {
  for (const piece of frames) {
    if (ws.readyState !== ws.OPEN) return;
    if (piece.waitMs !== undefined) await sleep(piece.waitMs);
    else if (piece.awaitFrames !== undefined) await noted(ws, entry, piece.awaitFrames);
    else if (piece.deaf) ws.pause();
    else if (piece.stall) return;
    else if (piece.reset || piece.close) {
      // Let what was written arrive first.
      await sleep(20);
      end(piece.reset ? "reset" : "close");
      if (piece.reset) socket.resetAndDestroy();
      else socket.destroy();
      return;
    } else if (piece.closing) {
      end("complete");
      ws.close(piece.closing.code, piece.closing.reason);
      return;
    } else await sendFrames(piece, ws, entry);
  }
  if (ws.readyState !== ws.OPEN) return;
  end("complete");
  ws.close(1000);
}

/**
 * Waits until the client has sent this many frames, or is gone.
 *
 * @param {any} ws
 * @param {Entry} entry
 * @param {number} count
 * @returns {Promise<void>}
 */
function noted(ws, entry, count) {
  return new Promise((resolve) => {
    const look = () => {
      if (entry.frames.length < count && entry.closed === null) return;
      ws.off("noted", look);
      resolve();
    };
    ws.on("noted", look);
    look();
  });
}

/**
 * @param {Piece} piece
 * @param {any} ws
 * @param {Entry} entry
 */
async function sendFrames(piece, ws, entry) {
  const bytes = bytesOf(piece);
  const binary = piece.channel !== undefined || piece.base64 !== undefined;
  const prefix = piece.channel === undefined ? [] : [piece.channel];
  const times = piece.repeat === "forever" ? Infinity : (piece.repeat ?? 1);
  const cuts = [...(piece.cuts ?? []), bytes.length];
  for (let i = 0; i < times; i++) {
    let from = 0;
    for (const to of cuts) {
      if (ws.readyState !== ws.OPEN) return;
      const frame = Buffer.concat([Buffer.from(prefix), bytes.subarray(from, to)]);
      from = to;
      entry.sentBytes += frame.length;
      await new Promise((resolve) => ws.send(frame, { binary }, resolve));
      await turn();
    }
    if (piece.everyMs) await sleep(piece.everyMs);
  }
}
