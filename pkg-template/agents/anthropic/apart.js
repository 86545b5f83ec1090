// How the tools do their calls that Anthropic has defined: a file of its own, which is loaded with the first call.
export { bash } from "./bash.js";
export { computer } from "./computer.js";
export { textEditor } from "./editor.js";
export { memory } from "./memory.js";
