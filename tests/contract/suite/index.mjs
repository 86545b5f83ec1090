// Every subject of the suite, in the order it runs. Static imports: pages and isolates load it too.

import abort from "./abort.mjs";
import answers from "./answers.mjs";
import badArguments from "./arguments.mjs";
import bodies from "./bodies.mjs";
import callbacks from "./callbacks.mjs";
import calls from "./calls.mjs";
import clocks from "./clocks.mjs";
import code from "./code.mjs";
import commandStream from "./command-stream.mjs";
import commands from "./commands.mjs";
import config from "./config.mjs";
import connection from "./connection.mjs";
import context from "./context.mjs";
import created from "./created.mjs";
import desktop from "./desktop.mjs";
import desktopLive from "./desktop-live.mjs";
import errorForms from "./error-forms.mjs";
import errors from "./errors.mjs";
import events from "./events.mjs";
import eventsAsJson from "./events-as-json.mjs";
import packageExports from "./exports.mjs";
import fileReading from "./file-reading.mjs";
import fileReplacing from "./file-replacing.mjs";
import fileSearching from "./file-searching.mjs";
import fileSystem from "./file-system.mjs";
import fileWatching from "./file-watching.mjs";
import fileWriting from "./file-writing.mjs";
import files from "./files.mjs";
import folders from "./folders.mjs";
import getOrCreate from "./get-or-create.mjs";
import halfCharacters from "./half-characters.mjs";
import hooks from "./hooks.mjs";
import hostile from "./hostile.mjs";
import listing from "./listing.mjs";
import looking from "./looking.mjs";
import namedTerminals from "./named-terminals.mjs";
import networkLog from "./network-log.mjs";
import objects from "./objects.mjs";
import outcomes from "./outcomes.mjs";
import preview from "./preview.mjs";
import ports from "./ports.mjs";
import processes from "./processes.mjs";
import random from "./random.mjs";
import relay from "./relay.mjs";
import relaySessions from "./relay-sessions.mjs";
import responses from "./responses.mjs";
import retry from "./retry.mjs";
import sandbox from "./sandbox.mjs";
import scopes from "./scopes.mjs";
import routes from "./routes.mjs";
import secrecy from "./secrecy.mjs";
import secrecyForms from "./secrecy-forms.mjs";
import secrecyHooks from "./secrecy-hooks.mjs";
import secret from "./secret.mjs";
import secretCalls from "./secret-calls.mjs";
import secretLive from "./secret-live.mjs";
import secretValues from "./secret-values.mjs";
import session from "./session.mjs";
import sessionCallbacks from "./session-callbacks.mjs";
import sessionConnections from "./session-connections.mjs";
import sessionDial from "./session-dial.mjs";
import sessionEnds from "./session-ends.mjs";
import sessionFrames from "./session-frames.mjs";
import sessionLastWords from "./session-last-words.mjs";
import sessionText from "./session-text.mjs";
import snapshots from "./snapshots.mjs";
import states from "./states.mjs";
import stream from "./stream.mjs";
import template from "./template.mjs";
import templateAbort from "./template-abort.mjs";
import templateArguments from "./template-arguments.mjs";
import templateBuilds from "./template-builds.mjs";
import templateCalls from "./template-calls.mjs";
import templateEnded from "./template-ended.mjs";
import templateErrors from "./template-errors.mjs";
import templateLogs from "./template-logs.mjs";
import templateReconnect from "./template-reconnect.mjs";
import templateWait from "./template-wait.mjs";
import terminal from "./terminal.mjs";
import tools from "./tools.mjs";
import timeouts from "./timeouts.mjs";
import transitions from "./transitions.mjs";
import tokens from "./tokens.mjs";
import wake from "./wake.mjs";

import { needing } from "../support/needing.mjs";

/** What loads apart. @param {import("../support/types.d.ts").Define} define */
const loaded = (define) => needing("import", define);

export const suite = {
  exports: packageExports,
  config,
  connection,
  calls,
  arguments: badArguments,
  random,
  callbacks,
  "half characters": halfCharacters,
  hostile,
  objects,
  sandbox,
  commands,
  stream,
  "command stream": loaded(commandStream),
  events,
  "events as JSON": eventsAsJson,
  "file searching": fileSearching,
  "file system": fileSystem,
  "file watching": loaded(fileWatching),
  files,
  "file reading": fileReading,
  "file writing": loaded(fileWriting),
  "file replacing": loaded(fileReplacing),
  folders: loaded(folders),
  desktop,
  "desktop with a screen": desktopLive,
  errors,
  "error forms": errorForms,
  responses,
  answers,
  bodies,
  retry,
  timeouts,
  clocks,
  abort,
  "what was created": created,
  tokens,
  wake,
  states,
  transitions,
  scopes,
  snapshots,
  routes,
  looking,
  listing,
  "get or create": getOrCreate,
  context,
  hooks,
  "outcomes in errors": outcomes,
  secrecy,
  "forms of secrets": secrecyForms,
  "secrets and hooks": secrecyHooks,
  template,
  "template arguments": templateArguments,
  "template calls": templateCalls,
  "template builds": templateBuilds,
  "template errors": templateErrors,
  "template logs": templateLogs,
  "template logs of ended builds": templateEnded,
  "template reconnect": templateReconnect,
  "template wait": templateWait,
  "template abort": templateAbort,
  session,
  "session frames": sessionFrames,
  "session text": sessionText,
  "session dial": sessionDial,
  "session ends": sessionEnds,
  "session last words": sessionLastWords,
  "session callbacks": sessionCallbacks,
  "session connections": sessionConnections,
  terminal,
  "background processes": loaded(processes),
  ports: loaded(ports),
  "code contexts": loaded(code),
  "named terminals": loaded(namedTerminals),
  tools: loaded(tools),
  secret,
  "secret calls": secretCalls,
  "secret on the local server": secretLive,
  "secret values": secretValues,
  preview,
  "network log": networkLog,
  relay,
  "relay sessions": relaySessions,
};
