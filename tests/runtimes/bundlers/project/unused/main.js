import { title } from "./library.js";

document.title = title;
