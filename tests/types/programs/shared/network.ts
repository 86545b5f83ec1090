import {
  MAX_PREVIEW_PORT,
  MIN_PREVIEW_PORT,
  previewUrl,
  type NetworkEvent,
  type NetworkLogOptions,
  type NetworkLogPage,
  type NetworkVerdict,
  type Sandbox,
} from "@superserve/sdk";

export function preview(sandbox: Sandbox): string {
  const port: number = MIN_PREVIEW_PORT < MAX_PREVIEW_PORT ? 8000 : 8001;
  exactly<string>()(sandbox.getPreviewUrl(port));
  return previewUrl(sandbox.id, "sandbox.superserve.ai", port);
}

export async function everyEvent(sandbox: Sandbox): Promise<NetworkEvent[]> {
  const events: NetworkEvent[] = [];
  let page: NetworkLogPage;
  let before: string | undefined;
  do {
    page = await sandbox.getNetworkLog({ before });
    events.push(...page.events);
    before = page.nextCursor;
  } while (page.hasMore);
  return events;
}

export async function log(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const verdict: NetworkVerdict = "blocked";
  const options: NetworkLogOptions = {
    apiKey: "ss_live_x",
    baseUrl: "https://api.superserve.ai",
    signal,
    limit: 10,
    before: "2026-01-01T00:00:00Z",
    since: "2025-01-01T00:00:00Z",
    verdict,
  };
  exactly<NetworkLogPage>()(await sandbox.getNetworkLog());
  const { events, nextCursor, hasMore } = await sandbox.getNetworkLog(options);
  exactly<NetworkEvent[]>()(events);
  exactly<string | undefined>()(nextCursor);
  exactly<boolean>()(hasMore);
  for (const event of events) {
    exactly<"connection" | "request">()(event.kind);
    exactly<number>()(event.id);
    exactly<Date>()(event.ts);
    exactly<string | undefined>()(event.host);
    exactly<string | undefined>()(event.dstIp);
    exactly<number | undefined>()(event.dstPort);
    exactly<"allowed" | "blocked" | "failed" | undefined>()(event.verdict);
    exactly<string | undefined>()(event.matchRule);
    exactly<number | undefined>()(event.bytesSent);
    exactly<number | undefined>()(event.bytesRecv);
    exactly<string | undefined>()(event.method);
    exactly<string | undefined>()(event.path);
    exactly<number | undefined>()(event.status);
    exactly<number | undefined>()(event.upstreamStatus);
    exactly<number | undefined>()(event.latencyMs);
    exactly<string | undefined>()(event.secretId);
    exactly<string | undefined>()(event.errorCode);
  }
}
