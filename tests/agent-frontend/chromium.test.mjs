import { testPage } from "./tests.mjs";

testPage("chromium");
