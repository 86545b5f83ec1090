import { testPage } from "./tests.mjs";

testPage("webkit");
