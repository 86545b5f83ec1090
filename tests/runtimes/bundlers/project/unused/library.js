export { Sandbox, Template } from "@superserve/sdk";

export const title = "Nothing of the package is used";
