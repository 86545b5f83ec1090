import { facts } from "../facts";

export const runtime = "edge";

/** A server component on the edge runtime. */
export default async function Page() {
  return <p id="facts">{await facts("edge-page")}</p>;
}
