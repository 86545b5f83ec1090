import {
  AuthenticationError,
  BuildError,
  ConflictError,
  NotFoundError,
  RateLimitError,
  SandboxError,
  ServerError,
  TimeoutError,
  ValidationError,
  type Sandbox,
} from "@superserve/sdk";

export async function handle(sandbox: Sandbox): Promise<string | number | undefined> {
  try {
    return (await sandbox.commands.run("true")).stdout;
  } catch (error) {
    if (error instanceof BuildError) {
      exactly<string>()(error.code);
      exactly<string>()(error.buildId);
      exactly<string>()(error.templateId);
      return error.code;
    }
    if (error instanceof RateLimitError || error instanceof ConflictError) return error.code;
    if (error instanceof ServerError || error instanceof AuthenticationError) return error.statusCode;
    if (error instanceof TimeoutError || error instanceof NotFoundError) return error.message;
    if (error instanceof ValidationError) return error.name;
    if (error instanceof SandboxError) {
      exactly<SandboxError>()(error);
      exactly<string | undefined>()(error.code);
      exactly<number | undefined>()(error.statusCode);
      exactly<unknown>()(error.cause);
      exactly<string | undefined>()(error.stack);
      return undefined;
    }
    exactly<unknown>()(error);
    throw error;
  }
}

/** As tests of users' own code make them. */
export function make(): Error[] {
  const build = { code: "step_failed", buildId: "0", templateId: "0" };
  const all: SandboxError[] = [
    new SandboxError("message"),
    new SandboxError("message", 418, "teapot", { cause: new Error("why") }),
    new AuthenticationError(),
    new AuthenticationError("message", "code", 403),
    new ValidationError("message"),
    new ValidationError("message", "code"),
    new NotFoundError(),
    new NotFoundError("message", "code"),
    new ConflictError(),
    new ConflictError("message", "code"),
    new TimeoutError(),
    new TimeoutError("message"),
    new RateLimitError(),
    new RateLimitError("message", "code"),
    new ServerError(),
    new ServerError("message", "code", 503),
    new BuildError("message", build),
    new BuildError("message", { ...build, statusCode: 500 }),
  ];
  return all;
}

export class OwnError extends SandboxError {
  constructor(readonly detail: string) {
    super(detail, undefined, "own");
  }
}
