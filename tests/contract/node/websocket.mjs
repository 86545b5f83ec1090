// Gives a Node without a global WebSocket (before 22) that of a package, as a user of sessions does there.

import { WebSocket } from "ws";

globalThis.WebSocket ??= WebSocket;
