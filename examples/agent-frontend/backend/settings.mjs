/**
 * The options of `createApp` in a host's environment variables.
 *
 * @param {Record<string, string | undefined>} env
 */
export const settingsOf = (env) => ({
  apiKey: env.SUPERSERVE_API_KEY ?? "",
  baseUrl: env.SUPERSERVE_BASE_URL,
  secret: env.RELAY_SECRET ?? "",
  ...(env.TICKET_SECONDS && { ticketSeconds: Number(env.TICKET_SECONDS) }),
});
