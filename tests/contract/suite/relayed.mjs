// The part of the suite that has a sandbox to hold, for runs in which a ticket holds it: `ctx.relay` is then the origin
// of a relay at `/sandbox`, and of tickets at `/tickets/<id>/<name>`. Such a ticket allows everything.

import { suite } from "./index.mjs";

const SUBJECTS = [
  "sandbox",
  "commands",
  "command stream",
  "stream",
  "files",
  "file searching",
  "file system",
  "file watching",
  "file reading",
  "file writing",
  "file replacing",
  "folders",
  "desktop with a screen",
  "abort",
  "tokens",
  "wake",
  "context",
  "session",
  "terminal",
  "background processes",
  "code contexts",
  "ports",
  "tools",
  "preview",
  "network log",
];

/** A ticket tells neither the state of a sandbox nor its tags, and the relay does the activates: these cannot hold. */
const OTHERWISE = [
  "create answers an active sandbox",
  "pause and resume",
  "update changes what it names and leaves the rest",
  // Tickets of pages allow no code here.
  "code keeps its state",
  "twenty at once wake a paused sandbox with one activate",
];

const relayed =
  (define) =>
  ({ test }) =>
    define({ test: (name, ...rest) => OTHERWISE.includes(name) || test(name, ...rest) });

export const relayedSuite = Object.fromEntries(SUBJECTS.map((subject) => [subject, relayed(suite[subject])]));
