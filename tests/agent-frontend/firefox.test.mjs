import { testPage } from "./tests.mjs";

testPage("firefox");
