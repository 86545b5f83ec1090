import { Client } from "./client";
import { facts } from "./facts";

/** A server component, in Node. Nothing says that it is dynamic, but the requests that it makes. */
export default async function Page() {
  const told = await facts("server-component");
  const { CLIENT_CONNECTION, REPORT_TO } = process.env;
  return (
    <main>
      <p id="facts">{told}</p>
      <Client connection={JSON.parse(CLIENT_CONNECTION)} reportTo={REPORT_TO} />
    </main>
  );
}
