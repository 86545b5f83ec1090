// A program as it is written for the published versions after 0.8.1: their names for types, and what is always there.
import {
  DESKTOP_STREAM_PORT,
  Sandbox,
  Template,
  type CommandResult,
  type DesktopAction,
  type MouseButton,
  type PreviewAccessPolicy,
  type PreviewPortList,
  type PreviewToken,
  type PublishedPreviewPort,
  type PublishPreviewPortOptions,
  type SandboxInfo,
  type SandboxStatus,
  type Screenshot,
  type SignedPreviewUrlOptions,
  type StreamUrlOptions,
} from "@superserve/sdk";

export async function previews(sandbox: Sandbox): Promise<string> {
  const ports: PreviewPortList = await sandbox.listPreviewPorts();
  const policy: PreviewAccessPolicy = ports.previewAccess;
  const legacy: PreviewAccessPolicy = "legacy_public";
  const options: PublishPreviewPortOptions = { access: "private" };
  const published: PublishedPreviewPort = await sandbox.publishPreviewPort(3000, options);
  const access: PreviewAccessPolicy = published.access;
  const signed: SignedPreviewUrlOptions = { expiresInSeconds: 604_800 };
  const token: PreviewToken = await sandbox.getPreviewToken(published.port, signed);
  exactly<boolean>()([policy, legacy, access, token.access].includes("private"));
  return sandbox.getSignedPreviewUrl(3000, signed);
}

export function whatIsAlwaysThere(info: SandboxInfo, result: CommandResult): [string, boolean] {
  const access: PreviewAccessPolicy = info.previewAccess;
  const truncated: boolean = result.truncated;
  return [access, truncated];
}

export function isSettled(status: SandboxStatus): boolean {
  switch (status) {
    case "starting":
    case "pausing":
    case "resuming":
    case "migrating":
      return false;
    case "active":
    case "paused":
    case "failed":
    case "deleted":
      return true;
    default:
      exactly<string>()(status.toUpperCase());
      return false;
  }
}

export async function lists(): Promise<void> {
  const settled: SandboxStatus[] = ["active", "paused"];
  await Sandbox.list({ status: settled, sort: "name", order: "desc", q: "web", limit: 10, offset: 20 });
  await Sandbox.list({ status: "migrating", metadata: { team: "search" } });
  await Template.list({ owner: "system", q: "py", sort: "created_at", order: "asc", limit: 1, offset: 0 });
  const sandbox = await Sandbox.create({ fromTemplate: "superserve/desktop" });
  exactly<string>()(sandbox.name);
  exactly<string>()((await Sandbox.create()).name);
}

export async function screens({ desktop }: Sandbox): Promise<void> {
  const button: MouseButton = "right";
  await desktop.click(1, 2, { button });
  await desktop.drag([1, 2], [3, 4]);
  await desktop.press("ctrl+c");
  const shot: Screenshot = await desktop.screenshot();
  exactly<number>()(shot.width);
  const batch: DesktopAction[] = [{ type: "click", x: 1, y: 2 }];
  await desktop.actions(batch);
  const options: StreamUrlOptions = { viewOnly: true };
  exactly<string>()(await desktop.getStreamUrl(options));
  exactly<6080>()(DESKTOP_STREAM_PORT);
}
