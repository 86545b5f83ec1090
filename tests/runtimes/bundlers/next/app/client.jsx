"use client";

import { Sandbox } from "@superserve/sdk";
import { useEffect } from "react";

/** A client component: tells the test what it found. */
export function Client({ connection, reportTo }) {
  useEffect(() => {
    found(connection)
      .then(
        (end) => ({ end }),
        (error) => ({ error: String(error?.stack ?? error) }),
      )
      .then((message) => fetch(reportTo, { method: "POST", mode: "no-cors", body: JSON.stringify(message) }));
  }, [connection, reportTo]);
  return null;
}

async function found(connection) {
  const { baseUrl } = connection;
  const { name, message } = await Sandbox.create({ name: "x", baseUrl }).catch((error) => error);
  const sandbox = await Sandbox.create({ name: "client-component", ...connection });
  try {
    const { stdout } = await sandbox.commands.run("echo $((6 * 7))");
    return { withoutKey: { name, message }, withKey: stdout.trim() };
  } finally {
    await sandbox.kill();
  }
}
