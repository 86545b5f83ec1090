// The tools of an agent, whatever framework it is made with.
export { lazySandbox } from "./lazy.js";
export { sandboxTools } from "./make.js";
