import {
  DESKTOP_STREAM_PORT,
  Sandbox,
  type ClickOptions,
  type CommandOptions,
  type Desktop,
  type DesktopAction,
  type MouseButton,
  type RequestOptions,
  type Screenshot,
  type ScrollOptions,
  type StreamUrlOptions,
} from "@superserve/sdk";

export function everyOption(signal: AbortSignal): unknown[] {
  const request: Required<RequestOptions> = { signal, timeoutMs: 1000 };
  const click: Required<ClickOptions> = { ...request, button: "middle" };
  const scroll: Required<ScrollOptions> = { ...request, dx: -1, dy: 2 };
  const stream: Required<StreamUrlOptions> = { ...request, viewOnly: true, expiresInSeconds: 3600 };
  return [click, scroll, stream];
}

export async function screen(sandbox: Sandbox, call: RequestOptions): Promise<void> {
  exactly<Desktop>()(sandbox.desktop);
  const { desktop } = sandbox;
  const shot = await desktop.screenshot();
  exactly<Screenshot>()(shot);
  const { data, width, height } = await desktop.screenshot(call);
  const bytes: Uint8Array = data;
  exactly<number>()(width);
  exactly<number>()(height);
  exactly<void>()(await desktop.click(1, 2));
  exactly<void>()(await desktop.click(1, 2, { button: "right", ...call }));
  exactly<void>()(await desktop.doubleClick(1, 2, { button: "left" }));
  exactly<void>()(await desktop.rightClick(1, 2, call));
  exactly<void>()(await desktop.middleClick(1, 2, call));
  exactly<void>()(await desktop.moveMouse(1, 2, call));
  exactly<void>()(await desktop.drag([1, 2], [3, 4], call));
  exactly<void>()(await desktop.scroll({ dy: 3, ...call }));
  exactly<void>()(await desktop.write("text", call));
  exactly<void>()(await desktop.press("ctrl+c", call));
  exactly<void>()(await desktop.press(["ctrl", "c"]));
  exactly<void>()(await desktop.resize(1280, 800, call));
  exactly<string>()(await desktop.getStreamUrl());
  exactly<string>()(await desktop.getStreamUrl({ viewOnly: true, ...call }));
  const button: MouseButton = "middle";
  const actions: DesktopAction[] = [
    { type: "click", x: 1, y: 2, button },
    { type: "doubleClick", x: 1, y: 2 },
    { type: "rightClick", x: 1, y: 2 },
    { type: "middleClick", x: 1, y: 2 },
    { type: "moveMouse", x: 1, y: 2 },
    { type: "drag", from: [1, 2], to: [3, 4] },
    { type: "scroll", dy: 3 },
    { type: "write", text: "text" },
    { type: "press", keys: ["ctrl", "c"] },
  ];
  exactly<void>()(await desktop.actions(actions, call));
  exactly<string>()(sandbox.getPreviewUrl(DESKTOP_STREAM_PORT));
  void bytes;
}

export async function argumentsOfPrograms(sandbox: Sandbox): Promise<void> {
  const options: CommandOptions = { args: ["-la", "a b"], cwd: "/tmp" };
  await sandbox.commands.run("ls", options);
  await sandbox.commands.run("ls", { args: [], onStdout: () => {} });
  await sandbox.commands.spawn("cat", { args: ["--", "a b"] });
}

export async function mistakes({ desktop, commands }: Sandbox): Promise<void> {
  // @ts-expect-error two coordinates
  await desktop.click(1);
  // @ts-expect-error no such button
  await desktop.click(1, 2, { button: "back" });
  // @ts-expect-error a button of its own
  await desktop.rightClick(1, 2, { button: "left" });
  // @ts-expect-error two places
  await desktop.drag([1, 2]);
  // @ts-expect-error a place has two coordinates
  await desktop.drag([1, 2], [3]);
  // @ts-expect-error no such action
  await desktop.actions([{ type: "screenshot" }]);
  // @ts-expect-error a click needs a place
  await desktop.actions([{ type: "click" }]);
  // @ts-expect-error turns are required
  await desktop.scroll();
  // @ts-expect-error arguments are a list
  await commands.run("ls", { args: "-la" });
}
