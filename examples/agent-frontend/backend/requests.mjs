// What a request says of itself: where it comes from, and the JSON that it brings.

/** No page sends more to a route of this backend. */
const MAX_BODY_BYTES = 16 * 1024;

/**
 * `https` or `http`, as the page's address has it. Behind a proxy that ends TLS the request itself is plain.
 *
 * @param {Request} request
 */
export const schemeOf = (request) =>
  forwarded(request, "proto") ?? new URL(request.url).protocol.slice(0, -1);

/**
 * SameSite of the cookie is not enough: a preview, whose content the sandbox makes, may be of the same site as the page,
 * as all of `localhost` is. Browsers say more exactly where a request comes from: in `Sec-Fetch-Site` where the page is
 * on https or on localhost, in `Origin` with every POST.
 *
 * @param {Request} request
 */
export function isFromOwnPage(request) {
  const { headers, url } = request;
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const own = `${schemeOf(request)}://${forwarded(request, "host") ?? new URL(url).host}`;
  return (
    (site === null || site === "same-origin") &&
    (origin === null || (URL.canParse(own) && origin === new URL(own).origin))
  );
}

/**
 * The object in the request's body, `{}` where there is none; undefined for a body that is too large.
 *
 * @param {Request} request
 */
export async function jsonOf({ body }) {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (const reader = body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}

/**
 * @param {Request} request
 * @param {string} name
 */
const forwarded = ({ headers }, name) => headers.get(`x-forwarded-${name}`)?.split(",")[0].trim();
