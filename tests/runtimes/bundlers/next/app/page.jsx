import { connection } from "next/server";

import { Client } from "./client";
import { facts } from "./facts";

/** A server component, in Node. */
export default async function Page() {
  await connection();
  const { CLIENT_CONNECTION, REPORT_TO } = process.env;
  return (
    <main>
      <p id="facts">{await facts("server-component")}</p>
      <Client connection={JSON.parse(CLIENT_CONNECTION)} reportTo={REPORT_TO} />
    </main>
  );
}
