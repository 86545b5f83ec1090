import {
  RESERVED_PREVIEW_PORT,
  type PreviewAccess,
  type PreviewPort,
  type PreviewPorts,
  type PreviewToken,
  type RequestOptions,
  type Sandbox,
} from "@superserve/sdk";

export async function ports(sandbox: Sandbox, call: RequestOptions): Promise<void> {
  const all = await sandbox.listPreviewPorts(call);
  exactly<PreviewPorts>()(all);
  exactly<PreviewAccess>()(all.previewAccess);
  exactly<PreviewPort[]>()(all.ports);
  for (const { port } of (await sandbox.listPreviewPorts()).ports) {
    exactly<boolean>()(port === RESERVED_PREVIEW_PORT);
    exactly<void>()(await sandbox.unpublishPreviewPort(port));
    exactly<void>()(await sandbox.unpublishPreviewPort(port, call));
  }
  const published = await sandbox.publishPreviewPort(8000, { access: "public", ...call });
  exactly<PreviewPort>()(published);
  exactly<number>()(published.port);
  exactly<number>()(published.tokenVersion);
  exactly<PreviewAccess>()(published.access);
  await sandbox.publishPreviewPort(8001);
  await sandbox.publishPreviewPort(8002, { access: "private" });
}

export async function tokens(sandbox: Sandbox, call: RequestOptions): Promise<void> {
  const tokens = [
    await sandbox.getPreviewToken(8000),
    await sandbox.getPreviewToken(8000, { expiresInSeconds: 60, ...call }),
    await sandbox.rotatePreviewToken(8000),
    await sandbox.rotatePreviewToken(8000, { expiresInSeconds: 60, ...call }),
  ];
  exactly<PreviewToken[]>()(tokens);
  for (const token of tokens) {
    exactly<string>()(token.token);
    exactly<number>()(token.port);
    exactly<string>()(token.header);
    exactly<string>()(token.queryParam);
    exactly<number>()(token.tokenVersion);
    exactly<PreviewAccess>()(token.access);
    exactly<PreviewAccess>()(token.previewAccess);
    exactly<Date | undefined>()(token.expiresAt);
  }
  exactly<string>()(await sandbox.getSignedPreviewUrl(8000));
  exactly<string>()(await sandbox.getSignedPreviewUrl(8000, { expiresInSeconds: 60, ...call }));
}

export async function mistakes(sandbox: Sandbox): Promise<void> {
  // @ts-expect-error a port is required
  await sandbox.publishPreviewPort();
  // @ts-expect-error ports are numbers
  await sandbox.publishPreviewPort("8000");
  // @ts-expect-error no such access
  await sandbox.publishPreviewPort(8000, { access: "secret" });
  // @ts-expect-error a number of seconds
  await sandbox.getPreviewToken(8000, { expiresInSeconds: "60" });
  // @ts-expect-error no such option
  await sandbox.getSignedPreviewUrl(8000, { expiresIn: 60 });
  // @ts-expect-error a promise, not yet the URL
  sandbox.getSignedPreviewUrl(8000).length;
}
