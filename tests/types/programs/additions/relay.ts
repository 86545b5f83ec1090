import { Sandbox, type FromTicketOptions } from "@superserve/sdk";
import { transport } from "./connection.js";

export async function page(ticket: string): Promise<void> {
  const refreshTicket = () => ticket;
  const options: Required<FromTicketOptions> = {
    ...transport,
    relayUrl: "/api/sandbox",
    refreshTicket,
    onDispose: "pause",
  };
  const sandbox: Sandbox = Sandbox.fromTicket(ticket, options);
  exactly<Sandbox>()(Sandbox.fromTicket(ticket, { relayUrl: "/api", refreshTicket: async () => ticket }));
  await sandbox.commands.run("true");

  // @ts-expect-error the relay has to be somewhere
  Sandbox.fromTicket(ticket, {});
  // @ts-expect-error options are needed
  Sandbox.fromTicket(ticket);
  // @ts-expect-error a ticket is a string
  Sandbox.fromTicket({ ticket }, options);
  // @ts-expect-error the next ticket is one too
  Sandbox.fromTicket(ticket, { relayUrl: "/api", refreshTicket: () => 7 });
  // @ts-expect-error no such option
  Sandbox.fromTicket(ticket, { relayUrl: "/api", apiKey: "ss_live_x" });
}
