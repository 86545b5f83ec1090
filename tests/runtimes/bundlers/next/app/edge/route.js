import { Sandbox } from "@superserve/sdk";

export const runtime = "edge";

/** Streams a command's output while it runs. */
export async function GET() {
  const sandbox = await Sandbox.create({ name: "edge-route" });
  const encoder = new TextEncoder();
  const output = new ReadableStream({
    async start(controller) {
      try {
        await sandbox.commands.run("for i in 1 2 3; do echo $i; sleep 0.5; done", {
          onStdout: (data) => controller.enqueue(encoder.encode(data)),
        });
        controller.close();
      } catch (error) {
        controller.error(error);
      } finally {
        await sandbox.kill();
      }
    },
  });
  return new Response(output, { headers: { "content-type": "text/plain" } });
}
